using System.Runtime.InteropServices;

namespace Muster.Raft;

/// <summary>Gathers what has become due since it was last asked.</summary>
internal sealed class ReadyMaker(MemberState state, Reading reading)
{
    private SoftState _soft = new(default, Role.Follower);
    private HardState _hard = new(state.Term, state.Vote, state.Log.Committed);

    private SoftState Soft => new(state.Leader, state.Role);

    private HardState Hard => new(state.Term, state.Vote, state.Log.Committed);

    private bool AppliesUnstored => state.Options.Storage == StorageMode.Synchronous;

    public bool HasReady =>
        !state.Outbox.IsEmpty || reading.HasUnsent || state.Log.HandedOut < state.Log.Last.Index || state.Log.IncomingIsNew
        || state.Log.AppliableTo(AppliesUnstored) > state.Log.Applying || Soft != _soft || Hard != _hard;

    public Ready Take()
    {
        reading.SendRound();
        var (soft, hard) = (Soft, Hard);
        var snapshot = state.Log.HandOutSnapshot();
        var entries = state.Log.HandOut();
        var mustSync = entries.Length > 0 || hard.Term != _hard.Term || hard.Vote != _hard.Vote;
        var ready = new Ready
        {
            Soft = soft != _soft ? soft : null,
            Hard = hard != _hard ? hard : null,
            Entries = ImmutableCollectionsMarshal.AsImmutableArray(entries),
            Snapshot = snapshot,
            Committed = ImmutableCollectionsMarshal.AsImmutableArray(
                state.Log.HandToStateMachine(AppliesUnstored, state.Options.Limits.AppliedBytesPerReadyMax)),
            Messages = ImmutableCollectionsMarshal.AsImmutableArray(state.Outbox.TakeNow()),
            AfterStored = ImmutableCollectionsMarshal.AsImmutableArray(state.Outbox.TakeWhenStored()),
            Reads = ImmutableCollectionsMarshal.AsImmutableArray(state.Outbox.TakeReads()),
            MustSync = mustSync,
            Ticket = Ticket(snapshot),
        };
        (_soft, _hard) = (soft, hard);
        return ready;
    }

    private StorageTicket? Ticket(Snapshot? snapshot) =>
        state.Log.HasUnstored || snapshot is not null
            ? new(state.Term, state.Log.HasUnstored ? state.Log.Last : null, snapshot?.Position.Index)
            : null;
}
