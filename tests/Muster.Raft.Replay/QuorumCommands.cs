using System.Text;

namespace Muster.Raft.Replay;

/// <summary>The commands on quorums alone: what is committed, how a vote stands.</summary>
internal static class QuorumCommands
{
    public static string Run(Block block)
    {
        var incoming = Voters(block, "cfg");
        var outgoing = Voters(block, "cfgj");
        var isVote = block.Command == "vote";
        var said = block.Values(isVote ? "votes" : "idx").ToList();
        var order = incoming.Concat(outgoing).Distinct().ToList();
        if (order.Count != said.Count)
            return $"error: mismatched input (explicit or _) for voters [{string.Join(' ', order)}]: [{string.Join(' ', said)}]\n";
        var known = order.Zip(said).Where(pair => pair.Second != "_").ToDictionary(pair => pair.First, pair => pair.Second);
        var isJoint = block.Words.Any(word => word.Key == "cfgj");
        return isVote ? Vote(incoming, outgoing, known) : Committed(incoming, outgoing, isJoint, known);
    }

    private static List<ulong> Voters(Block block, string key) =>
        [.. block.Values(key).Where(value => value != "zero").Select(ulong.Parse)];

    private static MajorityQuorum Majority(List<ulong> voters) => new(MemberSet.Of(voters.Select(voter => new MemberId(voter))));

    private static string Vote(List<ulong> incoming, List<ulong> outgoing, Dictionary<ulong, string> said)
    {
        var ballots = new Ballots(said);
        var verdict = new JointQuorum(Majority(incoming), Majority(outgoing)).Verdict(ballots);
        var mirrored = new JointQuorum(Majority(outgoing), Majority(incoming)).Verdict(ballots);
        return $"Vote{verdict}{(mirrored == verdict ? "" : $" <-- but mirrored {mirrored}")}\n";
    }

    private static string Committed(List<ulong> incoming, List<ulong> outgoing, bool isJoint, Dictionary<ulong, string> said)
    {
        var known = said.ToDictionary(pair => pair.Key, pair => long.Parse(pair.Value));
        var acknowledged = new Acknowledged(known);
        var index = new JointQuorum(Majority(incoming), Majority(outgoing)).Committed(acknowledged);
        var mirrored = new JointQuorum(Majority(outgoing), Majority(incoming)).Committed(acknowledged);
        var text = Table([.. (isJoint ? incoming.Concat(outgoing) : incoming).Distinct().Order()], known)
            + (index.Number == long.MaxValue ? "∞" : index.Number.ToString()) + "\n";
        return mirrored == index ? text : text + $"{mirrored} <-- via symmetry\n";
    }

    private static string Table(List<ulong> voters, Dictionary<ulong, long> known)
    {
        if (voters.Count == 0)
            return "<empty majority quorum>";
        var text = new StringBuilder().Append(' ', voters.Count).Append("    idx\n");
        foreach (var voter in voters)
        {
            var lower = voters.Count(other => known.GetValueOrDefault(other) < known.GetValueOrDefault(voter));
            if (known.ContainsKey(voter))
                text.Append('x', lower).Append('>').Append(' ', voters.Count - lower);
            else
                text.Append('?').Append(' ', voters.Count);
            text.Append($" {known.GetValueOrDefault(voter),5}    (id={voter})\n");
        }

        return text.ToString();
    }

    private readonly struct Acknowledged(Dictionary<ulong, long> known) : IAcknowledgements
    {
        public LogIndex Of(MemberId voter) => new(known.GetValueOrDefault(voter.Number));
    }

    private readonly struct Ballots(Dictionary<ulong, string> said) : IBallots
    {
        public bool? Of(MemberId voter) => said.TryGetValue(voter.Number, out var word) ? word == "y" : null;
    }
}
