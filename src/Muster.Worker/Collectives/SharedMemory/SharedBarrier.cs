namespace Muster.Worker.Collectives;

/// <summary>All ranks of a host wait for each other: spin a little, give way a little, then sleep in the kernel.</summary>
/// <remarks>One counter that only grows, one word to sleep on: the last to arrive wakes everybody with one call, which is what
/// counts when there are more ranks than cores.</remarks>
internal sealed unsafe class SharedBarrier(SharedLayout layout, int rank, int worldSize, PeerWatch watch)
{
    private const int SliceMilliseconds = 50;   // how late a lost wake-up, a verdict or the time limit may be noticed

    // Spinning pays only when the others can run meanwhile.
    private readonly int _spins = worldSize <= Environment.ProcessorCount ? 2000 : 0;
    private readonly int _yields = worldSize <= Environment.ProcessorCount ? 20 : 4;
    private long _number;

    public void Wait(in CallHeader call, Deadline deadline)
    {
        var number = ++_number;
        Volatile.Write(ref *layout.Arrived(rank), number);
        if (Interlocked.Increment(ref *layout.Count) == number * worldSize)
        {
            Interlocked.Exchange(ref *layout.Epoch, (int)number);   // full fence: sleepers are counted before they look
            if (Volatile.Read(ref *layout.Sleepers) != 0)
                Libc.WakeAll(layout.Epoch);
            return;
        }

        for (var i = 0; i < _spins; i++)
        {
            if (Complete(number))
                return;
            Thread.SpinWait(1);
        }

        for (var i = 0; i < _yields; i++)
        {
            if (Complete(number))
                return;
            _ = Libc.Yield();
        }

        Sleep(number, call, deadline);
    }

    private bool Complete(long number) => Volatile.Read(ref *layout.Epoch) - (int)number >= 0;

    private void Sleep(long number, in CallHeader call, Deadline deadline)
    {
        Interlocked.Increment(ref *layout.Sleepers);
        try
        {
            while (true)
            {
                var seen = Volatile.Read(ref *layout.Epoch);
                if (seen - (int)number >= 0)
                    return;
                ThrowIfHopeless(number, call, deadline);
                Libc.WaitOn(layout.Epoch, seen, deadline.Milliseconds(SliceMilliseconds));
            }
        }
        finally
        {
            Interlocked.Decrement(ref *layout.Sleepers);
        }
    }

    private void ThrowIfHopeless(long number, in CallHeader call, Deadline deadline)
    {
        watch.ThrowIfOver();
        var late = deadline.Passed;
        for (var other = 0; other < worldSize; other++)
        {
            if (Volatile.Read(ref *layout.Arrived(other)) >= number)
                continue;
            if (watch.Peers.HasLeft(other))
                throw watch.Fail(CollectiveFailure.PeerLeft, other, $"rank {other} disposed its group before {call} was complete");
            if (late)
                throw watch.Fail(CollectiveFailure.PeerSlow, other,
                    $"rank {other} did not do its part of {call} within {deadline.Limit.TotalSeconds:0.###} s");
        }
    }
}
