using System.Runtime.CompilerServices;

namespace Muster.Worker.Collectives;

/// <summary>Ranks of a host wait for each other: spin a little, give way a little, then sleep in the kernel.</summary>
/// <remarks>Each rank counts its arrivals in a word of its own; whoever raises the lowest count publishes it in the one word that
/// all sleep on, and makes one call to wake them if that is what somebody waits for. That counts when there are more ranks than
/// cores.</remarks>
internal sealed unsafe class SharedBarrier(SharedLayout layout, int rank, int worldSize, PeerWatch watch)
{
    private const int SliceMilliseconds = 50;   // how late a lost wake-up, a verdict or the time limit may be noticed

    // Spinning pays only when the others can run meanwhile.
    private readonly int _spins = worldSize <= Environment.ProcessorCount ? 400 : 0;
    private readonly int _yields = worldSize <= Environment.ProcessorCount ? 20 : 4;
    private long _number;

    /// <summary>Arrives, and waits until everybody has arrived.</summary>
    public void Wait(in CallHeader call, Deadline deadline) => Wait(slack: 0, call, deadline);

    /// <summary>Arrives, and waits until everybody has arrived here or at most <paramref name="slack"/> barriers before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Wait(int slack, in CallHeader call, Deadline deadline)
    {
        Interlocked.Exchange(ref *layout.Arrived(rank), ++_number);   // full fence: of two last ones, one sees both
        Publish();
        var wanted = _number - slack;
        for (var i = 0; i < _spins; i++)
        {
            if (Complete(wanted))
                return;
            Thread.SpinWait(1);
        }

        for (var i = 0; i < _yields; i++)
        {
            if (Complete(wanted))
                return;
            _ = Libc.Yield();
        }

        if (!Complete(wanted))
            Sleep(_number - (slack / 2), call, deadline);   // who must sleep anyway, sleeps until there is more to do
    }

    /// <summary>Raises the published number to the lowest count, if that has grown.</summary>
    private void Publish()
    {
        var lowest = _number;
        for (var other = 0; other < worldSize; other++)
            lowest = Math.Min(lowest, Volatile.Read(ref *layout.Arrived(other)));
        var published = Volatile.Read(ref *layout.Epoch);
        while (published - (int)lowest < 0)
        {
            var seen = Interlocked.CompareExchange(ref *layout.Epoch, (int)lowest, published);   // full fence before the look
            if (seen == published)
            {
                WakeSleepers(lowest);
                return;
            }

            published = seen;
        }
    }

    private void WakeSleepers(long reached)
    {
        for (var other = 0; other < worldSize; other++)
        {
            if (Volatile.Read(ref *layout.Wanted(other)) is var wanted and not 0 && wanted <= reached)
            {
                Libc.WakeAll(layout.Epoch);
                return;
            }
        }
    }

    private bool Complete(long number) => Volatile.Read(ref *layout.Epoch) - (int)number >= 0;

    private void Sleep(long number, in CallHeader call, Deadline deadline)
    {
        Interlocked.Exchange(ref *layout.Wanted(rank), number);   // full fence: told before the last look
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
            Volatile.Write(ref *layout.Wanted(rank), 0);
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
