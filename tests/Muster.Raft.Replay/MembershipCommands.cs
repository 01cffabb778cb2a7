using System.Collections.Immutable;

namespace Muster.Raft.Replay;

/// <summary>The commands on membership alone; state runs through a file.</summary>
internal sealed class MembershipCommands
{
    private readonly ProgressTable _members = new(new RaftOptions { Id = new(1) });
    private long _last;

    public string Run(Block block)
    {
        var changes = Changes(block.Input);
        var outcome = block.Command switch
        {
            "simple" => ConfigurationChanger.MakeSimple(_members.Configuration, changes),
            "enter-joint" => ConfigurationChanger.EnterJoint(_members.Configuration, block.Value("autoleave") == "true", changes),
            _ => ConfigurationChanger.LeaveJoint(_members.Configuration),
        };
        var last = new LogIndex(_last++);
        if (!outcome.IsMade)
            return Text(block.Command, outcome.Refusal) + "\n";
        _members.Adopt(outcome.Configuration, last);
        return $"{_members.Configuration}\n" + Describe.Progress(_members);
    }

    public static ImmutableArray<MemberChange> Changes(string words) =>
    [
        .. words.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(word => new MemberChange((MemberChangeKind)"vlru".IndexOf(word[0]), new(ulong.Parse(word[1..])))),
    ];

    private static string Text(string command, ChangeRefusal refusal) => refusal switch
    {
        ChangeRefusal.NoVotersLeft => "removed all voters",
        ChangeRefusal.MoreThanOneVoter => "more than one voter changed without entering joint config",
        ChangeRefusal.AlreadyJoint when command == "simple" => "can't apply simple config change in joint config",
        ChangeRefusal.AlreadyJoint => "config is already joint",
        ChangeRefusal.NotJoint => "can't leave a non-joint config",
        _ => "can't make a zero-voter config joint",
    };
}
