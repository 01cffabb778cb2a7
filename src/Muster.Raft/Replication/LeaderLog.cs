using System.Collections.Immutable;

namespace Muster.Raft;

/// <summary>How a leader's log grows and becomes decided.</summary>
internal sealed class LeaderLog(MemberState state)
{
    /// <summary>Adds proposals as entries of this term; counts itself only when they are stored.</summary>
    /// <returns>False when too much waits to be decided.</returns>
    public bool TryAppend(ImmutableArray<Proposal> proposals)
    {
        long bytes = 0;
        foreach (var proposal in proposals)
            bytes += proposal.SizeBytes;
        if (state.UndecidedBytes > 0 && state.UndecidedBytes + bytes > state.Options.Limits.UndecidedBytesMax)
            return false;
        Append(proposals, bytes);
        return true;
    }

    /// <summary>The entry of a leader taking office: with it, and only with it, older entries become decided.</summary>
    public void AppendNothing() => Append([default], bytes: 0);

    /// <summary>Takes entries as decided that a quorum holds, if they are of this leader's own term.</summary>
    /// <remarks>An older term's entry on a quorum may still be replaced (Raft, §5.4.2, figure 8).</remarks>
    public bool TryCommit()
    {
        var decided = state.Members.Committed();
        return decided > state.Log.Committed && state.Log.TermAt(decided) == state.Term && state.Log.CommitTo(decided);
    }

    /// <summary>Whether an entry of this leader's term is decided: only then does it know all that is.</summary>
    public bool KnowsWhatIsDecided => state.Log.TermAt(state.Log.Committed) == state.Term;

    private void Append(ImmutableArray<Proposal> proposals, long bytes)
    {
        state.UndecidedBytes += bytes;
        foreach (var proposal in proposals)
            state.Log.Append(new(state.Term, state.Log.Last.Index.Next(), proposal.Data, proposal.Change));
        state.SendWhenStored(new Message.AppendResponse(state.Id, state.Id, state.Term, state.Log.Last.Index, false, default));
    }
}
