namespace Muster.Disk.Log;

/// <summary>A file that was durable is no longer what was written: the process must not start on it.</summary>
/// <param name="file">The file, relative to the volume.</param>
/// <param name="offset">Where in it, bytes.</param>
/// <param name="detail">What was found, and why it is not a torn tail.</param>
public sealed class LogDamagedException(string file, long offset, string detail) : IOException(
    $"{file} is damaged at offset {offset}: {detail}. Nothing was changed. Restore the directory from a backup or, on a member "
    + "of a cluster, empty it and let the member rejoin; keep a copy of the file")
{
    /// <summary>The file, relative to the volume.</summary>
    public string File { get; } = file;

    /// <summary>Where in it, bytes.</summary>
    public long Offset { get; } = offset;
}

/// <summary>An unfinished write that recovery removed: nothing in it was ever acknowledged.</summary>
/// <param name="File">The segment, relative to the volume.</param>
/// <param name="Offset">Where the cut was made: the end of the last whole frame.</param>
/// <param name="Bytes">How many bytes were removed.</param>
/// <param name="Reason">What showed that the write was unfinished.</param>
public sealed record LogTailCut(string File, long Offset, long Bytes, string Reason);

/// <summary>What was found when a log was opened.</summary>
/// <param name="First">The first record still in the log; the one after <paramref name="Last"/> when it holds none.</param>
/// <param name="Last">The last record.</param>
/// <param name="Records">Records replayed.</param>
/// <param name="Cut">The torn tail, if there was one.</param>
public sealed record LogRecovery(RecordNumber First, RecordNumber Last, long Records, LogTailCut? Cut);
