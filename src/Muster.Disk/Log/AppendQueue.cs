namespace Muster.Disk.Log;

/// <summary>Records that one call appended together, and who waits for them.</summary>
internal sealed class PendingAppend(IReadOnlyList<ReadOnlyMemory<byte>> records)
{
    // Asynchronous continuations: whoever waits goes on in its own context, not inside the log.
    private readonly TaskCompletionSource<RecordNumber> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<ReadOnlyMemory<byte>> Records => records;

    public long Bytes { get; } = FrameCodec.Measure(records);

    public Task<RecordNumber> Done => _done.Task;

    public void Complete(RecordNumber last) => _done.SetResult(last);

    public void Fail(Exception error) => _done.SetException(error);
}

/// <summary>What waits while a sync is in flight; taken in batches, each for one sync.</summary>
internal sealed class AppendQueue(LogLimits limits)
{
    private readonly Queue<PendingAppend> _waiting = [];
    private long _waitingBytes;

    public void Add(PendingAppend append)
    {
        if (_waiting.Count > 0 && _waitingBytes + append.Bytes > limits.WaitingBytesMax)
            throw new LogLimitException(nameof(LogLimits.WaitingBytesMax), _waitingBytes + append.Bytes, limits.WaitingBytesMax);
        _waiting.Enqueue(append);
        _waitingBytes += append.Bytes;
    }

    /// <summary>The next batch, in order; empty when nothing waits. What was appended together stays together.</summary>
    public List<PendingAppend> Take()
    {
        var batch = new List<PendingAppend>();
        var bytes = 0L;
        while (_waiting.TryPeek(out var next) && (batch.Count == 0 || bytes + next.Bytes <= limits.FrameBytes))
        {
            bytes += next.Bytes;
            batch.Add(_waiting.Dequeue());
        }

        _waitingBytes -= bytes;
        return batch;
    }
}
