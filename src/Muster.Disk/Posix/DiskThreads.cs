namespace Muster.Disk.Posix;

/// <summary>Threads of a volume on which calls wait for the disk, so that no loop and no pool thread does.</summary>
/// <remarks>Started when first needed, and only as many as calls overlap. Awaiting goes on in the awaiter's own context.</remarks>
internal sealed class DiskThreads(int threadsMax) : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<Action> _waiting = [];
    private int _threads;
    private int _idle;
    private bool _disposed;

    public ValueTask RunAsync(Action call)
    {
        // Asynchronous continuations: they must not run on the disk's thread.
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            try
            {
                call();
            }
            catch (Exception error)   // handed to whoever awaits the call
            {
                done.SetException(error);
                return;
            }

            done.SetResult();
        });
        return new ValueTask(done.Task);
    }

    /// <summary>Ends the threads when what was asked before is done.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Enqueue(Action work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _waiting.Enqueue(work);
            if (_idle >= _waiting.Count)
            {
                Monitor.Pulse(_gate);
                return;
            }

            if (_threads < threadsMax)
                new Thread(Serve) { IsBackground = true, Name = $"disk {++_threads}" }.Start();
        }
    }

    private void Serve()
    {
        while (Take() is { } work)
            work();
    }

    private Action? Take()
    {
        lock (_gate)
        {
            _idle++;
            while (_waiting.Count == 0 && !_disposed)
                Monitor.Wait(_gate);
            _idle--;
            return _waiting.TryDequeue(out var work) ? work : null;
        }
    }
}
