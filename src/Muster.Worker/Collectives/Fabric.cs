namespace Muster.Worker.Collectives;

/// <summary>Carries out collective calls for one rank. Not thread-safe: one call at a time.</summary>
internal abstract unsafe class Fabric : IDisposable
{
    public abstract CollectiveTransport Transport { get; }

    /// <summary>Combines <paramref name="data"/> of all ranks in place.</summary>
    public abstract void AllReduce(byte* data, Reduction reduction, in CallHeader call, Deadline deadline);

    /// <summary>Combines and leaves segment r on rank r. <c>call.Count</c> is the count of a shard.</summary>
    public abstract void ReduceScatter(byte* data, byte* shard, Reduction reduction, in CallHeader call, Deadline deadline);

    /// <summary>Puts every rank's shard, in rank order, into <paramref name="all"/>.</summary>
    public abstract void AllGather(byte* shard, byte* all, in CallHeader call, Deadline deadline);

    public abstract void Broadcast(byte* data, in CallHeader call, Deadline deadline);

    public abstract void Barrier(in CallHeader call, Deadline deadline);

    public abstract void Dispose();
}
