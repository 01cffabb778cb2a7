namespace Muster.Raft;

/// <summary>More than half of a set of voters.</summary>
/// <remarks>
/// The empty set agrees to everything, so that a joint quorum with an empty half behaves like its other half.
/// </remarks>
/// <param name="Voters">The voters.</param>
public readonly record struct MajorityQuorum(MemberSet Voters)
{
    /// <summary>How many voters make a quorum of a number of voters.</summary>
    public static int Size(int voters) => voters / 2 + 1;

    /// <summary>The last slot that a quorum has acknowledged; the highest possible for the empty set.</summary>
    public LogIndex Committed<T>(T acknowledged)
        where T : IAcknowledgements
    {
        var count = Voters.Count;
        if (count == 0)
            return new(long.MaxValue);
        Span<long> slots = count <= 16 ? stackalloc long[16] : new long[count];
        slots = slots[..count];
        for (var i = 0; i < count; i++)
            slots[i] = acknowledged.Of(Voters[i]).Number;
        slots.Sort();
        return new(slots[count - Size(count)]);
    }

    /// <summary>How an election stands.</summary>
    public QuorumVerdict Verdict<T>(T ballots)
        where T : IBallots
    {
        if (Voters.Count == 0)
            return QuorumVerdict.Won;
        int yes = 0, missing = 0;
        foreach (var voter in Voters)
        {
            var said = ballots.Of(voter);
            if (said is null)
                missing++;
            else if (said.Value)
                yes++;
        }

        var needed = Size(Voters.Count);
        return yes >= needed ? QuorumVerdict.Won
            : yes + missing >= needed ? QuorumVerdict.Pending
            : QuorumVerdict.Lost;
    }
}
