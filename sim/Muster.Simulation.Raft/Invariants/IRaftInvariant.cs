using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>Something that must stay true whatever happens. One file each.</summary>
internal interface IRaftInvariant
{
    /// <summary>A member has taken one step, or has started.</summary>
    void AfterStep(SimulatedMember member, RaftCore core, Decided decided)
    {
    }

    /// <summary>A member says something to another.</summary>
    void BeforeSend(SimulatedMember member, RaftCore core, Message message, Decided decided)
    {
    }

    /// <summary>A member's state machine has taken an entry.</summary>
    void AfterApply(SimulatedMember member, LogEntry entry, Decided decided)
    {
    }
}

/// <summary>A law that did not hold.</summary>
public sealed class BrokenLawException(string law, string what) : Exception($"{law}: {what}")
{
    /// <summary>Its name.</summary>
    public string Law { get; } = law;
}

internal static class Law
{
    public static void Require(bool holds, object law, Func<string> what)
    {
        if (!holds)
            throw new BrokenLawException(law.GetType().Name, what());
    }
}

/// <summary>Everything that some member has ever known to be decided, and everything ever proposed.</summary>
internal sealed class Decided
{
    private readonly List<LogEntry> _entries = [];
    private readonly List<ulong> _digests = [0];
    private readonly List<Term> _decidedIn = [];
    private long _base;

    public LogIndex Last => new(_base + _entries.Count);

    public LogIndex First => new(_base + 1);

    /// <summary>Proposals are numbered from 1.</summary>
    public ulong LastProposal { get; set; }

    /// <summary>The highest slot of which a client was told that it is decided, or that it has read.</summary>
    public LogIndex TellsOf { get; set; }

    /// <summary>The cluster begins with a snapshot at this slot.</summary>
    public void StartAt(LogIndex index) => _base = index.Number;

    public LogEntry At(LogIndex index) => _entries[(int)(index.Number - _base) - 1];

    /// <summary>The term of the leader that decided a slot: the first member ever to know.</summary>
    public Term DecidedIn(LogIndex index) => _decidedIn[(int)(index.Number - _base) - 1];

    /// <summary>The state after a slot.</summary>
    public ulong DigestAt(LogIndex index) => _digests[(int)(index.Number - _base)];

    public void Add(LogEntry entry, Term decidedIn)
    {
        _decidedIn.Add(decidedIn);
        _entries.Add(entry);
        _digests.Add(StateMachine.Mix(_digests[^1], entry));
    }
}
