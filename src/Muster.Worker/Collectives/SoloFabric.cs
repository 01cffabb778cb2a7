namespace Muster.Worker.Collectives;

/// <summary>A world of one: no socket, no memory, no wait. The mean of one value is that value.</summary>
internal sealed unsafe class SoloFabric : Fabric
{
    public override CollectiveTransport Transport => CollectiveTransport.Auto;

    public override void AllReduce(byte* data, Reduction reduction, in CallHeader call, Deadline deadline) { }

    public override void ReduceScatter(byte* data, byte* shard, Reduction reduction, in CallHeader call, Deadline deadline)
    {
        if (data != shard)
            Buffer.MemoryCopy(data, shard, call.Count * reduction.ElementBytes, call.Count * reduction.ElementBytes);
    }

    public override void AllGather(byte* shard, byte* all, in CallHeader call, Deadline deadline)
    {
        if (shard != all)
            Buffer.MemoryCopy(shard, all, call.Count, call.Count);
    }

    public override void Broadcast(byte* data, in CallHeader call, Deadline deadline) { }

    public override void Barrier(in CallHeader call, Deadline deadline) { }

    public override void Dispose() { }
}
