using System.Collections.Immutable;
using Muster.Jobs.Records;
using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Jobs.Placement;

/// <summary>Where a gang goes: all of it or none.</summary>
internal abstract record GangPlacement
{
    private GangPlacement()
    {
    }

    /// <summary>It fits.</summary>
    /// <param name="Nodes">Its hosts, by node rank.</param>
    /// <param name="IsFull">Whether it has as many as it may.</param>
    public sealed record Placed(ImmutableArray<GenerationNode> Nodes, bool IsFull) : GangPlacement;

    /// <summary>It does not.</summary>
    /// <param name="Text">What it needs and what there is.</param>
    /// <param name="IsPossible">Whether it would fit if everything were free.</param>
    public sealed record Waits(string Text, bool IsPossible) : GangPlacement;

    /// <summary>Chooses hosts, and GPUs of one type on each: the first alternative that gives the gang's minimum.</summary>
    /// <param name="job">Whose gang.</param>
    /// <param name="specification">What it needs.</param>
    /// <param name="capacity">What there is.</param>
    /// <param name="previous">Hosts of the generation before, by node rank; a survivor keeps its node rank where the shape allows.</param>
    public static GangPlacement Choose(JobId job, JobSpecification specification, Capacity capacity, ImmutableArray<NodeId> previous)
    {
        var alternatives = specification.Resources.Accelerators;
        foreach (var wanted in alternatives.IsEmpty ? [null] : alternatives.Cast<AcceleratorRequest?>())
        {
            if (wanted is not null && capacity.ReservedFor(wanted.Type) is { } ahead && ahead != job)
                continue;
            var usable = capacity.Nodes.Where(node => Fits(node, wanted, specification)).ToList();
            if (usable.Count >= specification.Gang.NodesMin)
                return Place(specification, wanted, usable, previous);
        }

        return PlacementText.Explain(job, specification, capacity);
    }

    private static bool Fits(NodeCapacity node, AcceleratorRequest? wanted, JobSpecification specification) =>
        (wanted is null || node.Free(wanted.Type).Length >= wanted.Count)
        && node.MemoryFree >= (specification.Resources.MemoryBytes ?? 0);

    private static Placed Place(
        JobSpecification specification, AcceleratorRequest? wanted, List<NodeCapacity> usable, ImmutableArray<NodeId> previous)
    {
        var count = Math.Min(specification.Gang.NodesMax, usable.Count);
        var chosen = usable
            .OrderBy(node => previous.Contains(node.Node) ? previous.IndexOf(node.Node) : int.MaxValue)
            .ThenBy(node => wanted is null ? node.Holders : node.Free(wanted.Type).Length)
            .ThenBy(node => node.Node)
            .Take(count)
            .ToList();
        var ordered = InRankOrder(chosen, previous);
        var perNode = specification.Gang.ProcessesPerNode;
        return new(
            [.. ordered.Select((node, index) => new GenerationNode(
                node.Node, node.Address, new(index * perNode), perNode,
                wanted is null ? [] : [.. node.Free(wanted.Type).Take(wanted.Count)]))],
            count == specification.Gang.NodesMax);
    }

    /// <summary>Survivors keep their place when it still exists; the others fill the gaps.</summary>
    private static NodeCapacity[] InRankOrder(List<NodeCapacity> chosen, ImmutableArray<NodeId> previous)
    {
        var ordered = new NodeCapacity?[chosen.Count];
        var others = new Queue<NodeCapacity>();
        foreach (var node in chosen)
        {
            var place = previous.IndexOf(node.Node);
            if (place >= 0 && place < ordered.Length)
                ordered[place] = node;
            else
                others.Enqueue(node);
        }

        return [.. ordered.Select(node => node ?? others.Dequeue())];
    }
}
