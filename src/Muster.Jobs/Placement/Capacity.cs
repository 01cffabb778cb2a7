using System.Collections.Immutable;
using Muster.Jobs.Coordinator;
using Muster.Jobs.Nodes;
using Muster.Jobs.Records;
using Muster.Primitives;

namespace Muster.Jobs.Placement;

/// <summary>What one host offers and what of it is free.</summary>
internal sealed class NodeCapacity(NodeSnapshot snapshot)
{
    private readonly SortedSet<int> _free = [.. Enumerable.Range(0, snapshot.Resources.Gpus.Length)];

    public NodeId Node => snapshot.Node;

    public string Address => snapshot.Address;

    /// <summary>Generations that hold a part of the host.</summary>
    public int Holders { get; private set; }

    public long MemoryFree { get; private set; } = snapshot.Resources.MemoryBytes;

    /// <summary>Free GPUs of a type, lowest first.</summary>
    public ImmutableArray<int> Free(string type) => [.. _free.Where(gpu => IsOf(gpu, type))];

    /// <summary>GPUs of a type, free or not.</summary>
    public int Count(string type) => Enumerable.Range(0, snapshot.Resources.Gpus.Length).Count(gpu => IsOf(gpu, type));

    public void Hold(GenerationNode part, long? memoryBytes)
    {
        _free.ExceptWith(part.Gpus);
        MemoryFree -= memoryBytes ?? 0;
        Holders++;
    }

    private bool IsOf(int gpu, string type) => string.Equals(snapshot.Resources.Gpus[gpu], type, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What the hosts offer that may be given out now.</summary>
/// <remarks>
/// A generation holds its part of a host until it is closed and the host says that nothing of it runs; so no GPU is granted
/// twice. Hosts that have not reported, or whose lease has ended, offer nothing.
/// </remarks>
internal sealed class Capacity
{
    private readonly SortedDictionary<NodeId, NodeCapacity> _nodes = [];
    private readonly SortedDictionary<string, JobId> _reserved = new(StringComparer.OrdinalIgnoreCase);

    public Capacity(StoreListing listing, NodeTable nodes, IEnumerable<GenerationRecord> beingFormed, Instant now)
    {
        foreach (var node in nodes.All.Where(node => nodes.Standing(node, now) == NodeStanding.Present))
            _nodes[node] = new(nodes.Snapshot(node)!);
        foreach (var job in listing.Jobs.Values)
        {
            if (job.CurrentGeneration() is not { } generation)
                continue;
            foreach (var part in generation.Value.Nodes.Where(part => Holds(job, part.Node, nodes)))
                Hold(part, generation.Value.Specification.Resources.MemoryBytes);
        }

        foreach (var generation in beingFormed)
            Hold(generation);
    }

    /// <summary>Hosts that may be used, by name.</summary>
    public IReadOnlyCollection<NodeCapacity> Nodes => _nodes.Values;

    public void Hold(GenerationRecord generation)
    {
        foreach (var part in generation.Nodes)
            Hold(part, generation.Specification.Resources.MemoryBytes);
    }

    /// <summary>Keeps free GPUs of a type for the first job that waits for them, so that small jobs do not starve a gang.</summary>
    public void Reserve(string type, JobId job) => _reserved.TryAdd(type, job);

    /// <summary>The job ahead in the queue for a type; null: none.</summary>
    public JobId? ReservedFor(string type) => _reserved.TryGetValue(type, out var job) ? job : null;

    /// <summary>Whether a job's current generation may still use its part of a host.</summary>
    private static bool Holds(JobState job, NodeId node, NodeTable nodes)
    {
        if (job.Current!.Value.State == CurrentState.Running)
            return true;
        return nodes.Facts(node, job.Job) is { } facts
            && facts.Phase != NodePhase.Ended;
    }

    private void Hold(GenerationNode part, long? memoryBytes)
    {
        if (_nodes.TryGetValue(part.Node, out var node))
            node.Hold(part, memoryBytes);
    }
}
