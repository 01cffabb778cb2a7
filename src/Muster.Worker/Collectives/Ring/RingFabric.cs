using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Muster.Worker.Collectives;

/// <summary>Collectives over one connection to the next rank and one from the rank before.</summary>
/// <remarks>
/// Bandwidth-optimal ring: P. Patarasuk and X. Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations",
/// 2009. Short reductions gather everything and combine it locally in the ring's own order: half the hops, the same bits.
/// </remarks>
internal sealed unsafe class RingFabric : Fabric
{
    private readonly int _rank;
    private readonly int _worldSize;
    private readonly int _chunkBytes;
    private readonly int _smallBytesMax;
    private readonly Socket _next;
    private readonly Socket _previous;
    private readonly RingDriver _driver;
    private readonly byte* _scratch;   // three chunks of accumulators, or all ranks' short messages

    public RingFabric(
        CollectiveTransport transport, int rank, int worldSize, int chunkBytes, int smallBytesMax,
        Socket next, Socket previous, PeerWatch watch)
    {
        Transport = transport;
        _rank = rank;
        _worldSize = worldSize;
        _chunkBytes = chunkBytes;
        _smallBytesMax = Math.Min(smallBytesMax, 4 * 1024 * 1024 / worldSize);
        _next = next;
        _previous = previous;
        _driver = new RingDriver(rank, worldSize,
            (int)next.SafeHandle.DangerousGetHandle(), (int)previous.SafeHandle.DangerousGetHandle(), watch);
        var scratchBytes = Math.Max(3L * chunkBytes, (long)_smallBytesMax * worldSize);
        _scratch = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(scratchBytes, worldSize * 8L), 64);
    }

    public override CollectiveTransport Transport { get; }

    public override void AllReduce(byte* data, Reduction reduction, in CallHeader call, Deadline deadline)
    {
        var bytes = call.Count * reduction.ElementBytes;
        if (bytes <= _smallBytesMax)
        {
            ReduceSmall(data, bytes, reduction, call, deadline);
            return;
        }

        var plan = new RingReducePlan(
            _rank, _worldSize, data, null, call.Count, _chunkBytes / reduction.AccumulatorBytes, reduction, _scratch);
        _driver.Run(plan, call, deadline);
    }

    public override void ReduceScatter(byte* data, byte* shard, Reduction reduction, in CallHeader call, Deadline deadline)
    {
        // The shard of an empty call may be a null pointer, which would mean "all-reduce" to the plan.
        var target = shard == null ? _scratch : shard;
        var plan = new RingReducePlan(_rank, _worldSize, data, target, call.Count * _worldSize,
            _chunkBytes / reduction.AccumulatorBytes, reduction, _scratch);
        _driver.Run(plan, call, deadline);
    }

    public override void AllGather(byte* shard, byte* all, in CallHeader call, Deadline deadline)
    {
        var own = all + (_rank * call.Count);
        if (own != shard && call.Count > 0)
            Buffer.MemoryCopy(shard, own, call.Count, call.Count);
        _driver.Run(new RingGatherPlan(_rank, _worldSize, all, call.Count, _chunkBytes), call, deadline);
    }

    public override void Broadcast(byte* data, in CallHeader call, Deadline deadline)
    {
        var distance = (_rank - call.Root + _worldSize) % _worldSize;
        _driver.Run(new RingBroadcastPlan(distance, _worldSize, data, call.Count, _chunkBytes), call, deadline);
    }

    public override void Barrier(in CallHeader call, Deadline deadline) =>
        _driver.Run(new RingGatherPlan(_rank, _worldSize, _scratch, 8, _chunkBytes), call, deadline);

    public override void Dispose()
    {
        _next.Dispose();
        _previous.Dispose();
        NativeMemory.AlignedFree(_scratch);
    }

    private void ReduceSmall(byte* data, long bytes, Reduction reduction, in CallHeader call, Deadline deadline)
    {
        if (bytes > 0)
            Buffer.MemoryCopy(data, _scratch + (_rank * bytes), bytes, bytes);
        _driver.Run(new RingGatherPlan(_rank, _worldSize, _scratch, bytes, _chunkBytes), call, deadline);
        var segments = new Segments(call.Count, _worldSize);
        var sources = stackalloc byte*[_worldSize];
        for (var segment = 0; segment < _worldSize; segment++)
        {
            var (start, count) = segments.Part(segment, 0, int.MaxValue);
            if (count == 0)
                break;
            for (var i = 0; i < _worldSize; i++)
                sources[i] = _scratch + ((segment + 1 + i) % _worldSize * bytes) + (start * reduction.ElementBytes);
            reduction.CombineAll(sources, _worldSize, data + (start * reduction.ElementBytes), null, count);
        }
    }
}
