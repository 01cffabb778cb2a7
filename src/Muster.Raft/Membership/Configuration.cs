namespace Muster.Raft;

/// <summary>Who votes and who only listens.</summary>
/// <param name="Voters">Those whose majority decides.</param>
/// <param name="Outgoing">The voters before a change under way, whose majority must agree as well; empty otherwise.</param>
/// <param name="Learners">Those who receive entries and are never counted.</param>
/// <param name="LearnersNext">Outgoing voters that become learners when the change ends.</param>
/// <param name="LeaveAutomatically">Whether the leader ends the change by itself.</param>
public sealed record Configuration(
    MemberSet Voters, MemberSet Outgoing, MemberSet Learners, MemberSet LearnersNext, bool LeaveAutomatically)
{
    /// <summary>Nobody.</summary>
    public static Configuration Empty { get; } = new(default, default, default, default, false);

    /// <summary>A configuration of voters alone.</summary>
    public static Configuration OfVoters(params IEnumerable<MemberId> voters) => Empty with { Voters = MemberSet.Of(voters) };

    /// <summary>Whether a change is under way in which old and new voters must both agree.</summary>
    public bool IsJoint => Outgoing.Count > 0;

    /// <summary>What must agree.</summary>
    public JointQuorum Quorum => new(new(Voters), new(Outgoing));

    /// <summary>Everyone who votes now.</summary>
    public MemberSet AllVoters => Voters.Union(Outgoing);

    /// <summary>Everyone who receives entries.</summary>
    public MemberSet Everyone => AllVoters.Union(Learners);

    /// <summary>Whether a member's vote counts now.</summary>
    public bool IsVoter(MemberId member) => Voters.Contains(member) || Outgoing.Contains(member);

    /// <summary>Whether a member receives entries.</summary>
    public bool Contains(MemberId member) => IsVoter(member) || Learners.Contains(member);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = $"voters={Voters}";
        if (IsJoint)
            text += $"&&{Outgoing}";
        if (Learners.Count > 0)
            text += $" learners={Learners}";
        if (LearnersNext.Count > 0)
            text += $" learners_next={LearnersNext}";
        return LeaveAutomatically ? text + " autoleave" : text;
    }
}
