using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Coordinator;

/// <summary>What a coordinator may conclude about a host.</summary>
internal enum NodeStanding
{
    /// <summary>Its lease holds and it has not reported to this leader: nothing is decided about it.</summary>
    Unheard,

    /// <summary>Its lease holds and it has reported.</summary>
    Present,

    /// <summary>Its lease ended a moment ago, or it is still heard of: it may take up a lease again.</summary>
    Adrift,

    /// <summary>Its lease ended and it is silent.</summary>
    Lost,
}

/// <summary>What is known of every host: whether its key exists, and its newest snapshot.</summary>
internal sealed class NodeTable(CoordinatorLimits limits)
{
    private readonly SortedDictionary<NodeId, Entry> _nodes = [];
    private bool _isInOffice;

    /// <summary>Takes the keys of a listing; hosts that hold a generation count even if never seen.</summary>
    public void Listed(IReadOnlySet<NodeId> keys, IEnumerable<NodeId> holders, Instant now)
    {
        foreach (var node in keys)
            (Get(node).GoneSince, Get(node).Return) = (null, limits.NodeReturn);
        foreach (var node in holders)
            Get(node);
        foreach (var (node, entry) in _nodes)
        {
            if (keys.Contains(node))
                continue;
            entry.GoneSince ??= now;
            if (!_isInOffice)
                entry.Return = limits.NodeReturnAtOffice;
        }

        _isInOffice = true;
    }

    /// <summary>Takes a snapshot, unless a newer one of the same incarnation is known.</summary>
    public void Reported(NodeSnapshot snapshot, Instant now)
    {
        var entry = Get(snapshot.Node);
        if (entry.Snapshot is { } known && known.Incarnation == snapshot.Incarnation && known.Sequence > snapshot.Sequence)
            return;
        entry.Snapshot = snapshot;
        entry.HeardAt = now;
    }

    /// <summary>Forgets what silent hosts without a lease said: it is no longer true of them.</summary>
    public void Forget(Instant now)
    {
        foreach (var (node, entry) in _nodes)
        {
            if (entry.GoneSince is not null && entry.Snapshot is not null && Standing(node, now) == NodeStanding.Lost)
                (entry.LastWords, entry.Snapshot) = (entry.Snapshot, null);
        }
    }

    public NodeStanding Standing(NodeId node, Instant now)
    {
        if (!_nodes.TryGetValue(node, out var entry))
            return NodeStanding.Unheard;
        if (entry.GoneSince is null)
            return entry.Snapshot is null ? NodeStanding.Unheard : NodeStanding.Present;
        return now - entry.SilentSince() < entry.Return ? NodeStanding.Adrift : NodeStanding.Lost;
    }

    /// <summary>How long a lost host has been silent.</summary>
    public TimeSpan Silence(NodeId node, Instant now) =>
        _nodes.TryGetValue(node, out var entry) && entry.GoneSince is not null ? now - entry.SilentSince() : TimeSpan.Zero;

    /// <summary>When a host last reported; null: never to this leader, or it was lost since.</summary>
    public Instant? HeardAt(NodeId node) => _nodes.TryGetValue(node, out var entry) && entry.Snapshot is not null ? entry.HeardAt : null;

    public NodeSnapshot? Snapshot(NodeId node) => _nodes.TryGetValue(node, out var entry) ? entry.Snapshot : null;

    public JobFacts? Facts(NodeId node, JobId job) => Snapshot(node)?.Jobs.FirstOrDefault(facts => facts.Job == job);

    /// <summary>What a host said last, even if it was lost since: for telling people, not for deciding.</summary>
    public JobFacts? LastWords(NodeId node, JobId job) =>
        _nodes.TryGetValue(node, out var entry) ? (entry.Snapshot ?? entry.LastWords)?.Jobs.FirstOrDefault(facts => facts.Job == job) : null;

    /// <summary>Every host known, by name.</summary>
    public IEnumerable<NodeId> All => _nodes.Keys;

    private Entry Get(NodeId node)
    {
        if (!_nodes.TryGetValue(node, out var entry))
            _nodes[node] = entry = new() { Return = limits.NodeReturn };
        return entry;
    }

    private sealed class Entry
    {
        public NodeSnapshot? Snapshot { get; set; }

        public NodeSnapshot? LastWords { get; set; }

        public Instant HeardAt { get; set; }

        public Instant? GoneSince { get; set; }

        public TimeSpan Return { get; set; }

        public Instant SilentSince() => Snapshot is null ? GoneSince!.Value : Instant.Max(GoneSince!.Value, HeardAt);
    }
}
