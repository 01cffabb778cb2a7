using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Jobs.Placement;

/// <summary>Why a gang waits, in words.</summary>
internal static class PlacementText
{
    private const int NodesNamed = 5;

    public static GangPlacement.Waits Explain(JobId job, JobSpecification specification, Capacity capacity)
    {
        var alternatives = specification.Resources.Accelerators;
        var isPossible = alternatives.IsEmpty || alternatives.Any(wanted =>
            capacity.Nodes.Count(node => node.Count(wanted.Type) >= wanted.Count) >= specification.Gang.NodesMin);
        var ahead = alternatives.Select(wanted => capacity.ReservedFor(wanted.Type)).FirstOrDefault(other => other is not null && other != job);
        var text = $"needs {Needs(specification)}; {Offers(specification, capacity)}"
            + (ahead is null ? "" : $"; job {ahead} is before it");
        return new(text, isPossible);
    }

    private static string Needs(JobSpecification specification)
    {
        var parts = new List<string>();
        if (!specification.Resources.Accelerators.IsEmpty)
            parts.Add(string.Join(" or ", specification.Resources.Accelerators.Select(wanted => $"{wanted.Count} × {wanted.Type}")));
        if (specification.Resources.MemoryBytes is { } memory)
            parts.Add($"{memory} bytes of memory");
        var nodes = specification.Gang.NodesMin;
        if (parts.Count == 0)
            return nodes == 1 ? "one node" : $"{nodes} nodes";
        return string.Join(" and ", parts) + (nodes == 1 ? " on one node" : $" on each of {nodes} nodes");
    }

    private static string Offers(JobSpecification specification, Capacity capacity)
    {
        if (capacity.Nodes.Count == 0)
            return "no node has reported";
        var named = capacity.Nodes.Take(NodesNamed).Select(node => $"node {node.Node} has {Free(specification, node)}");
        var more = capacity.Nodes.Count - NodesNamed;
        return string.Join(", ", named) + (more > 0 ? $", and {more} more nodes" : "");
    }

    private static string Free(JobSpecification specification, NodeCapacity node)
    {
        var alternatives = specification.Resources.Accelerators;
        var gpus = alternatives.Length switch
        {
            0 => "",
            1 => $"{node.Free(alternatives[0].Type).Length} free",
            _ => string.Join(" and ", alternatives.Select(wanted => $"{node.Free(wanted.Type).Length} {wanted.Type}")) + " free",
        };
        if (specification.Resources.MemoryBytes is null)
            return gpus.Length == 0 ? "room" : gpus;
        return (gpus.Length == 0 ? "" : gpus + " and ") + $"{Math.Max(0, node.MemoryFree)} bytes free";
    }
}
