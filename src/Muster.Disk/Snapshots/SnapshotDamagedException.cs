namespace Muster.Disk.Snapshots;

/// <summary>A snapshot is not what was written.</summary>
/// <param name="file">The file, relative to the volume.</param>
/// <param name="offset">Where in it, bytes.</param>
/// <param name="detail">What was found.</param>
public sealed class SnapshotDamagedException(string file, long offset, string detail) : IOException(
    $"{file} is damaged at offset {offset}: {detail}. Nothing was changed. Restore the directory from a backup or, on a member "
    + "of a cluster, empty it and let the member rejoin; keep a copy of the file")
{
    /// <summary>The file, relative to the volume.</summary>
    public string File { get; } = file;

    /// <summary>Where in it, bytes.</summary>
    public long Offset { get; } = offset;

    /// <summary>What was found.</summary>
    public string Detail { get; } = detail;
}
