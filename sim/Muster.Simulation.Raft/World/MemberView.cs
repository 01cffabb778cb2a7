using Muster.Raft;

namespace Muster.Simulation.Raft;

/// <summary>What invariants know of a member before and after a step; kept across its deaths where disks keep it.</summary>
internal sealed class MemberView
{
    private readonly List<Term> _terms = [];
    private long _first = 1;

    public Term TermBefore { get; private set; }

    public MemberId VoteBefore { get; private set; }

    public Role RoleBefore { get; private set; }

    public LogIndex CommittedBefore { get; private set; }

    public LogIndex AppliedBefore { get; private set; }

    public LogIndex CompactedBefore { get; private set; }

    /// <summary>The first slot that was replaced or cut in the last step; nothing when the log only grew.</summary>
    public LogIndex? ReplacedFrom { get; private set; }

    /// <summary>The first slot that is new since the step before.</summary>
    public LogIndex AddedFrom { get; private set; }

    /// <summary>A member that starts has what was durable; what it was before is compared with the disk, not with its memory.</summary>
    public void Restart(RaftCore core)
    {
        _terms.Clear();
        _first = core.Compacted.Index.Number + 1;
        (TermBefore, VoteBefore, RoleBefore) = (core.Term, core.Vote, core.Role);
        (CommittedBefore, AppliedBefore, CompactedBefore) = (core.Committed, core.Applied, core.Compacted.Index);
        Look(core);
    }

    /// <summary>Finds what the last step has changed in the log.</summary>
    public void Look(RaftCore core)
    {
        var (first, last) = (core.Compacted.Index.Number + 1, core.Last.Index.Number);
        if (first > _first + _terms.Count)
        {
            _terms.Clear();
            _first = first;
        }
        else if (first > _first + 64)
        {
            _terms.RemoveRange(0, (int)(first - _first));
            _first = first;
        }

        var same = Math.Min(last, _first + _terms.Count - 1);
        while (same >= first && core.TermAt(new(same)) != _terms[(int)(same - _first)])
            same--;
        var kept = (int)(Math.Max(same, _first - 1) - _first) + 1;
        ReplacedFrom = kept < _terms.Count ? new(_first + kept) : null;
        if (kept < _terms.Count)
            _terms.RemoveRange(kept, _terms.Count - kept);
        AddedFrom = new(_first + kept);
        for (var index = _first + kept; index <= last; index++)
            _terms.Add(core.TermAt(new(index))!.Value);
    }

    public void Remember(RaftCore core)
    {
        (TermBefore, VoteBefore, RoleBefore) = (core.Term, core.Vote, core.Role);
        (CommittedBefore, AppliedBefore, CompactedBefore) = (core.Committed, core.Applied, core.Compacted.Index);
    }
}
