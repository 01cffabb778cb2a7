using Muster.Primitives;

namespace Muster.Jobs.Coordinator;

/// <summary>What is timed.</summary>
internal enum TimerKind
{
    /// <summary>A generation is seen to be current.</summary>
    Current,

    /// <summary>A generation is seen closed.</summary>
    Closed,

    /// <summary>All ranks are seen started.</summary>
    Running,

    /// <summary>The gang's minimum is seen to fit.</summary>
    Settle,

    /// <summary>A proposal is seen open.</summary>
    Proposal,

    /// <summary>A checkpoint on demand that ends ranks is seen committed.</summary>
    Saved,

    /// <summary>A waiting job's reason was stored.</summary>
    Waiting,

    /// <summary>A rank is seen at a step.</summary>
    Rank,

    /// <summary>A rank is seen not to have begun.</summary>
    RankStart,

    /// <summary>A node is seen not to have begun a generation.</summary>
    NodeStart,

    /// <summary>A node is seen to know a generation.</summary>
    NodeKnew,
}

/// <summary>Since when this leader has seen a condition hold. A new leader's timers begin again in full.</summary>
internal sealed class Timers
{
    private readonly Dictionary<(TimerKind Kind, long Number, long Part), (long Level, Instant Since)> _since = [];

    /// <summary>When the condition was first seen at this level; a change of level begins anew.</summary>
    public Instant Since(TimerKind kind, long number, Instant now, long part = 0, long level = 0)
    {
        if (_since.TryGetValue((kind, number, part), out var seen) && seen.Level == level)
            return seen.Since;
        _since[(kind, number, part)] = (level, now);
        return now;
    }

    /// <summary>Whether the condition was seen and not cleared.</summary>
    public bool Has(TimerKind kind, long number, long part = 0) => _since.ContainsKey((kind, number, part));

    /// <summary>The condition does not hold now.</summary>
    public void Clear(TimerKind kind, long number, long part = 0) => _since.Remove((kind, number, part));

    /// <summary>Forgets timers of earlier generations.</summary>
    public void Prune(long generation)
    {
        foreach (var key in _since.Keys.Where(key => key.Kind != TimerKind.Proposal && key.Number < generation).ToList())
            _since.Remove(key);
    }
}
