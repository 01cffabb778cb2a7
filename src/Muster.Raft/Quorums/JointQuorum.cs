namespace Muster.Raft;

/// <summary>A majority of the new voters and, while a change of membership is under way, also of the old ones (Raft, §6).</summary>
/// <param name="Incoming">The voters that stay.</param>
/// <param name="Outgoing">The voters before the change; empty when none is under way.</param>
public readonly record struct JointQuorum(MajorityQuorum Incoming, MajorityQuorum Outgoing)
{
    /// <summary>The last slot that both quorums have acknowledged.</summary>
    public LogIndex Committed<T>(T acknowledged)
        where T : IAcknowledgements =>
        LogIndex.Min(Incoming.Committed(acknowledged), Outgoing.Committed(acknowledged));

    /// <summary>How an election stands: won when both have won, lost when one has lost.</summary>
    public QuorumVerdict Verdict<T>(T ballots)
        where T : IBallots
    {
        var incoming = Incoming.Verdict(ballots);
        var outgoing = Outgoing.Verdict(ballots);
        return incoming == outgoing ? incoming
            : incoming == QuorumVerdict.Lost || outgoing == QuorumVerdict.Lost ? QuorumVerdict.Lost
            : QuorumVerdict.Pending;
    }
}
