using System.Collections.Immutable;

namespace Muster.Raft;

/// <summary>Why a change of membership cannot be made from a configuration.</summary>
public enum ChangeRefusal
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Nobody would vote.</summary>
    NoVotersLeft,

    /// <summary>Two voters would change at once without a joint configuration: two majorities need not meet.</summary>
    MoreThanOneVoter,

    /// <summary>A joint configuration must be left first.</summary>
    AlreadyJoint,

    /// <summary>There is no joint configuration to leave.</summary>
    NotJoint,

    /// <summary>A cluster of nobody cannot go through a joint configuration.</summary>
    NobodyToJoin,
}

/// <summary>The configuration after a change, or why there is none.</summary>
/// <param name="Configuration">The configuration after the change; the one before it when refused.</param>
/// <param name="Refusal">Why not.</param>
public readonly record struct ChangeOutcome(Configuration Configuration, ChangeRefusal Refusal)
{
    /// <summary>Whether the change was made.</summary>
    public bool IsMade => Refusal == ChangeRefusal.None;
}

/// <summary>Makes configurations from changes (Raft, §6; Ongaro's thesis, §4.3).</summary>
public static class ConfigurationChanger
{
    /// <summary>Makes a change in the way that it asks for.</summary>
    public static ChangeOutcome Make(Configuration before, ConfigurationChange change) =>
        change.IsLeave ? LeaveJoint(before)
        : change.EntersJoint ? EnterJoint(before, change.LeavesAutomatically, change.Changes)
        : MakeSimple(before, change.Changes);

    /// <summary>Changes at most one voter, in one step: any majority before meets any majority after.</summary>
    public static ChangeOutcome MakeSimple(Configuration before, ImmutableArray<MemberChange> changes)
    {
        if (before.IsJoint)
            return new(before, ChangeRefusal.AlreadyJoint);
        var to = changes.Aggregate(before, With);
        return to.Voters.Count == 0 ? new(before, ChangeRefusal.NoVotersLeft)
            : before.Voters.DifferenceTo(to.Voters) > 1 ? new(before, ChangeRefusal.MoreThanOneVoter)
            : new(to, ChangeRefusal.None);
    }

    /// <summary>Enters a configuration in which the voters before and after must both agree.</summary>
    public static ChangeOutcome EnterJoint(Configuration before, bool leaveAutomatically, ImmutableArray<MemberChange> changes)
    {
        if (before.IsJoint)
            return new(before, ChangeRefusal.AlreadyJoint);
        if (before.Voters.Count == 0)
            return new(before, ChangeRefusal.NobodyToJoin);
        var to = changes.Aggregate(before with { Outgoing = before.Voters, LeaveAutomatically = leaveAutomatically }, With);
        return to.Voters.Count == 0 ? new(before, ChangeRefusal.NoVotersLeft) : new(to, ChangeRefusal.None);
    }

    /// <summary>Drops the voters before the change; those to be demoted become learners.</summary>
    public static ChangeOutcome LeaveJoint(Configuration before) =>
        before.IsJoint
            ? new(new(before.Voters, default, before.Learners.Union(before.LearnersNext), default, false), ChangeRefusal.None)
            : new(before, ChangeRefusal.NotJoint);

    private static Configuration With(Configuration to, MemberChange change)
    {
        var member = change.Member;
        if (!member.IsSome)
            return to;
        return change.Kind switch
        {
            MemberChangeKind.AddVoter => Without(to, member) with { Voters = to.Voters.With(member) },
            MemberChangeKind.Remove => Without(to, member),
            // A voter of the old half is still counted there: it becomes a learner only when the change ends.
            MemberChangeKind.AddLearner when to.Outgoing.Contains(member) =>
                Without(to, member) is var rest ? rest with { LearnersNext = rest.LearnersNext.With(member) } : to,
            MemberChangeKind.AddLearner =>
                Without(to, member) is var rest ? rest with { Learners = rest.Learners.With(member) } : to,
            _ => to,
        };
    }

    private static Configuration Without(Configuration before, MemberId member) => before with
    {
        Voters = before.Voters.Without(member),
        Learners = before.Learners.Without(member),
        LearnersNext = before.LearnersNext.Without(member),
    };
}
