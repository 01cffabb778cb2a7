using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Disk.Log;

/// <summary>An append-only log of records, durable before it says so; records that come together share one sync.</summary>
/// <remarks>
/// Use it from one loop. While a sync is in flight, further appends gather for the next one. Any failure of the disk ends
/// the log for good: every waiting and later append fails with it, and the process must end and recover by opening the log
/// again. The format, and how a torn tail is told from damage, is docs/formats/log.md.
/// </remarks>
public sealed class WriteAheadLog : IDisposable
{
    private readonly object _gate = new();
    private readonly IVolume _volume;
    private readonly LogLimits _limits;
    private readonly SeededRandom _salts;
    private readonly AppendQueue _queue;
    private readonly List<SegmentFile> _segments;
    private SegmentWriter _writer;
    private byte[] _frame = [];
    private bool _writing;
    private Exception? _failure;

    private WriteAheadLog(
        IVolume volume, LogLimits limits, SeededRandom salts, List<SegmentFile> segments, SegmentWriter writer, LogRecovery recovery)
    {
        (_volume, _limits, _salts, _segments, _writer) = (volume, limits, salts, segments, writer);
        (Recovery, Last, _queue) = (recovery, recovery.Last, new AppendQueue(limits));
    }

    /// <summary>What was found when the log was opened.</summary>
    public LogRecovery Recovery { get; }

    /// <summary>The last durable record.</summary>
    public RecordNumber Last { get; private set; }

    /// <summary>The first record of the oldest segment; the one after <see cref="Last"/> when the log holds none.</summary>
    public RecordNumber First => _segments[0].First;

    /// <summary>What the log did since it was opened.</summary>
    public LogCounters Counters { get; private set; }

    /// <summary>Opens a log, or begins one where the directory holds none and nothing is expected; replays what it holds.</summary>
    /// <param name="volume">The disk.</param>
    /// <param name="directory">Of the log alone; created when missing.</param>
    /// <param name="after">The last record that need not be replayed: what the loaded snapshot covers.</param>
    /// <param name="limits">As before or larger.</param>
    /// <param name="salts">Where the salts of new segments come from; in production it must be seeded by the system's chance.</param>
    /// <param name="replay">Called for each later record in order; its bytes are good only during the call.</param>
    /// <returns>The log, all that was replayed being durable.</returns>
    /// <exception cref="LogDamagedException">What was durable is missing or changed.</exception>
    /// <exception cref="VolumeException">The disk refuses.</exception>
    public static async Task<WriteAheadLog> OpenAsync(
        IVolume volume, string directory, RecordNumber after, LogLimits limits, SeededRandom salts,
        Action<RecordNumber, ReadOnlyMemory<byte>> replay)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(salts);
        await volume.CreateDirectoryAsync(directory);
        var found = await new LogScan(volume, directory, limits, isWriterAlive: false).RunAsync(after, replay);
        await RemoveUnwrittenAsync(volume, directory, found);
        if (found.Tail is null)
        {
            if (after > RecordNumber.None)
                throw new LogDamagedException(directory, 0, $"its only segment was never written, and records after {after} belong there");
            return await BeginAsync(volume, directory, RecordNumber.None, limits, salts);
        }

        var writer = await SegmentWriter.ResumeAsync(volume, found.Segments[^1], found.Tail);
        var recovery = new LogRecovery(found.Segments[0].First, found.Last, found.Records, found.Cut);
        return new WriteAheadLog(volume, limits, salts, [.. found.Earlier, .. found.Segments], writer, recovery);
    }

    /// <summary>Begins a log behind a snapshot that came from elsewhere: its first record will be the one after.</summary>
    /// <exception cref="LogDamagedException">The directory holds a log already.</exception>
    public static async Task<WriteAheadLog> BeginAsync(
        IVolume volume, string directory, RecordNumber after, LogLimits limits, SeededRandom salts)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(salts);
        await volume.CreateDirectoryAsync(directory);
        var present = await SegmentFile.ListAsync(volume, directory);
        if (present.Count > 0)
            throw new LogDamagedException(present[0].Path, 0, "a log is here where none may be");
        var writer = await SegmentWriter.CreateAsync(volume, directory, after.Next, salts.NextUInt64(), previous: 0);
        return new WriteAheadLog(volume, limits, salts, [writer.Segment], writer, new LogRecovery(after.Next, after, 0, null));
    }

    /// <summary>Replays a log without opening it: nothing is locked, cut or changed, and its owner may be writing.</summary>
    /// <returns>What was found; <see cref="LogRecovery.Cut"/> tells what is at the end of it that is not, or not yet, a record.</returns>
    /// <exception cref="LogDamagedException">What was durable is missing or changed.</exception>
    /// <exception cref="VolumeException">A segment was deleted meanwhile (its records are in a snapshot by now): begin again.</exception>
    public static async Task<LogRecovery> ReadAsync(
        IVolume volume, string directory, RecordNumber after, LogLimits limits, Action<RecordNumber, ReadOnlyMemory<byte>> replay)
    {
        var found = await new LogScan(volume, directory, limits, isWriterAlive: true).RunAsync(after, replay);
        var first = found.Segments.Count > 0 ? found.Segments[0].First : after.Next;
        return new LogRecovery(first, found.Tail is null ? after : found.Last, found.Records, found.Cut);
    }

    /// <summary>Appends one record.</summary>
    /// <param name="record">Must not change until the task completes.</param>
    /// <returns>Its number, when it is durable.</returns>
    /// <exception cref="LogLimitException">It is too large, or too much waits; nothing was written.</exception>
    public Task<RecordNumber> AppendAsync(ReadOnlyMemory<byte> record) => AppendAsync([record]);

    /// <summary>Appends records that a crash leaves all or none of.</summary>
    /// <param name="records">At least one; must not change until the task completes.</param>
    /// <returns>The number of the last, when all are durable.</returns>
    /// <exception cref="LogLimitException">They are too large, or too much waits; nothing was written.</exception>
    public Task<RecordNumber> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentOutOfRangeException.ThrowIfZero(records.Count);
        var bytes = 0L;
        foreach (var record in records)
            bytes += record.Length + (records.Count > 1 ? FrameCodec.RecordHeaderBytes : 0);
        if (bytes > _limits.RecordBytesMax)
            throw new LogLimitException(nameof(LogLimits.RecordBytesMax), bytes, _limits.RecordBytesMax);
        var append = new PendingAppend(records);
        lock (_gate)
        {
            if (_failure is not null)
                return Task.FromException<RecordNumber>(_failure);
            _queue.Add(append);
            if (_writing)
                return append.Done;
            _writing = true;
        }

        _ = WriteWaitingAsync();
        return append.Done;
    }

    /// <summary>Deletes segments that hold nothing after a record; the segment being written always stays.</summary>
    /// <param name="covered">A record that a durable snapshot covers, with all before it.</param>
    public async Task DeleteThroughAsync(RecordNumber covered)
    {
        List<SegmentFile> doomed;
        lock (_gate)
        {
            var keep = Math.Max(0, _segments.FindLastIndex(segment => segment.First <= covered.Next));
            doomed = _segments[..keep];
            _segments.RemoveRange(0, keep);
        }

        foreach (var segment in doomed)
            await _volume.DeleteAsync(segment.Path);
        if (doomed.Count > 0)
            await _volume.SyncDirectoryAsync(doomed[0].Directory);
    }

    /// <summary>Closes the file. Nothing is flushed: what is not durable was never acknowledged.</summary>
    public void Dispose() => _writer.Dispose();

    /// <summary>Before anything is appended: a name that comes back after a crash would make a torn tail look like damage.</summary>
    private static async ValueTask RemoveUnwrittenAsync(IVolume volume, string directory, LogContents found)
    {
        if (found.Unwritten is null)
            return;
        await volume.DeleteAsync(found.Unwritten.Path);
        await volume.SyncDirectoryAsync(directory);
    }

    private async Task WriteWaitingAsync()
    {
        while (true)
        {
            // One turn of the loop: whoever else was just answered, or is about to append, shares this sync.
            if (SynchronizationContext.Current is not null)
                await Task.Yield();
            List<PendingAppend> batch;
            lock (_gate)
            {
                batch = _queue.Take();
                if (batch.Count == 0)
                {
                    _writing = false;
                    return;
                }
            }

            try
            {
                await WriteAsync(batch);
            }
            catch (Exception error)   // whatever it is, it ends the log and goes to everyone who waits
            {
                Fail(error, batch);
                return;
            }

            Complete(batch);
        }
    }

    private async Task WriteAsync(List<PendingAppend> batch)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> records =
            batch.Count == 1 ? batch[0].Records : [.. batch.SelectMany(append => append.Records)];
        var bytes = checked((int)FrameCodec.Measure(records));
        if (_writer.Offset > SegmentHeader.Bytes && _writer.Offset + bytes > _limits.SegmentBytes)
            await RollAsync();
        if (_frame.Length < bytes)
            _frame = new byte[Math.Max(bytes, Math.Min(2 * _frame.Length, _limits.FrameBytes))];
        await _writer.AppendAsync(Last.Next, records, _frame.AsMemory(0, bytes));
        Last += records.Count;
        Counters = Counters with
        {
            Appends = Counters.Appends + records.Count,
            Syncs = Counters.Syncs + 1,
            Bytes = Counters.Bytes + bytes,
        };
    }

    private async Task RollAsync()
    {
        var next = await _writer.RollAsync(_volume, Last.Next, _salts.NextUInt64());
        _writer.Dispose();
        _writer = next;
        Counters = Counters with { Segments = Counters.Segments + 1 };
        lock (_gate)
            _segments.Add(next.Segment);
    }

    private void Complete(List<PendingAppend> batch)
    {
        var last = Last - batch.Sum(append => (long)append.Records.Count);
        foreach (var append in batch)
        {
            last += append.Records.Count;
            append.Complete(last);
        }
    }

    private void Fail(Exception error, List<PendingAppend> batch)
    {
        lock (_gate)
        {
            _failure = error;
            for (var rest = _queue.Take(); rest.Count > 0; rest = _queue.Take())
                batch.AddRange(rest);
        }

        foreach (var append in batch)
            append.Fail(error);
    }
}
