using System.Diagnostics;
using Muster.Primitives;

namespace Muster.Raft;

/// <summary>One member of a cluster that agrees on a log (Ongaro and Ousterhout, USENIX ATC 2014; Ongaro's thesis, 2014).</summary>
/// <remarks>
/// Pure: no clock, no chance, no I/O. Equal state and equal input give equal effects. <see cref="Step"/> takes one input;
/// <see cref="TakeReady"/> drains what must be done.
/// </remarks>
public sealed class RaftCore
{
    private readonly MemberState _state;
    private readonly Sender _sender;
    private readonly Reading _reading;
    private readonly Elections _elections;
    private readonly Clock _clock;
    private readonly Following _following;
    private readonly Leading _leading;
    private readonly Memberships _memberships;
    private readonly Proposing _proposing;
    private readonly Transfers _transfers;
    private readonly Receiver _receiver;
    private readonly ReadyMaker _ready;

    /// <summary>A member as it was found on disk.</summary>
    /// <exception cref="ArgumentException">The options do not fit together.</exception>
    public RaftCore(RaftOptions options, Recovered recovered)
    {
        options.Validate();
        _state = new(options, recovered);
        _state.Members.Adopt(
            recovered.Configuration ?? recovered.Snapshot?.Configuration ?? Configuration.Empty, _state.Log.Last.Index);
        var tally = new VoteTally();
        var leaderLog = new LeaderLog(_state);
        _sender = new(_state);
        _reading = new(_state, _sender, leaderLog);
        var offices = new Offices(_state, _sender, leaderLog, tally, _reading);
        _elections = new(_state, offices, _sender, tally);
        _transfers = new(_state, _sender);
        _clock = new(_state, _elections, offices, _sender, _transfers);
        _following = new(_state, offices);
        _leading = new(_state, _sender, leaderLog, _reading);
        _memberships = new(_state, offices, _sender, leaderLog, _reading, _transfers);
        _proposing = new(_state, _sender, leaderLog, _memberships);
        _receiver = new(_state, offices, _elections, _following, _leading, _proposing, _reading, _transfers);
        _ready = new(_state, _reading);
        offices.BecomeFollower(_state.Term, MemberId.None);
    }

    /// <summary>This member.</summary>
    public MemberId Id => _state.Id;

    /// <summary>The latest term it has seen.</summary>
    public Term Term => _state.Term;

    /// <summary>Whom it voted for in that term.</summary>
    public MemberId Vote => _state.Vote;

    /// <summary>What it does.</summary>
    public Role Role => _state.Role;

    /// <summary>Who leads, as far as it knows.</summary>
    public MemberId Leader => _state.Leader;

    /// <summary>The membership in force, as of <see cref="Applied"/>.</summary>
    public Configuration Configuration => _state.Configuration;

    /// <summary>How far the log is decided, as far as it knows.</summary>
    public LogIndex Committed => _state.Log.Committed;

    /// <summary>How far the shell has said that it applied.</summary>
    public LogIndex Applied => _state.Log.Applied;

    /// <summary>The last entry that was compacted.</summary>
    public LogPosition Compacted => _state.Log.Base;

    /// <summary>The last entry of the log, durable or not.</summary>
    public LogPosition Last => _state.Log.Last;

    /// <summary>The last entry known to be durable here.</summary>
    public LogIndex Stored => _state.Log.Stored;

    /// <summary>Whether leadership is being handed over.</summary>
    public bool IsHandingOver => _state.Transferee.IsSome;

    /// <summary>Whether there is anything to drain.</summary>
    public bool HasReady => _ready.HasReady;

    /// <summary>What a leader knows of each member, in ascending order; nothing on others.</summary>
    public IReadOnlyList<MemberStatus> Members =>
        Role == Role.Leader ? [.. _state.Members.Members.ToArray().Select(MemberStatus.Of)] : [];

    internal MemberState State => _state;

    /// <summary>The term of an entry that is still in memory, or of the last one compacted; nothing otherwise.</summary>
    public Term? TermAt(LogIndex index) => _state.Log.TermAt(index);

    /// <summary>Takes one input in.</summary>
    /// <returns>What became of it.</returns>
    /// <exception cref="InvariantBrokenException">We are wrong, or the disk is: this process must end.</exception>
    public StepOutcome Step(Input input) => input switch
    {
        Input.Receive receive => _receiver.On(receive.Message),
        Input.Propose propose => _proposing.On(propose.Proposals),
        Input.Read read => _reading.OnRead(read),
        Input.Campaign => _elections.Stand(isTransfer: false),
        Input.TransferLeadership transfer => _transfers.OnRequest(transfer.To),
        Input.LinkClosed closed => _clock.OnLinkClosed(closed),
        Input.ForgetLeader => _clock.OnForgetLeader(),
        _ => Note(input),
    };

    /// <summary>Takes what must be done since the last time.</summary>
    public Ready TakeReady() => _ready.Take();

    private StepOutcome Note(Input input)
    {
        switch (input)
        {
            case Input.Tick tick:
                _clock.OnTick(tick);
                break;
            case Input.Persisted persisted:
                OnPersisted(persisted.Ticket);
                break;
            case Input.Applied applied:
                _memberships.OnApplied(applied.Index);
                _elections.OnApplied();
                break;
            case Input.Unreachable unreachable when Role == Role.Leader:
                _leading.OnUnreachable(unreachable.Member);
                break;
            case Input.SnapshotSent sent when Role == Role.Leader:
                _leading.OnSnapshotSent(sent.Member, sent.Arrived);
                break;
            case Input.SnapshotTaken taken:
                _state.TakeSnapshot(taken.Snapshot);
                break;
            case Input.Compact compact:
                _state.Compact(compact.UpTo);
                break;
            case Input.Unreachable or Input.SnapshotSent:
                return StepOutcome.Drop(DropReason.NotApplicable);
            default:
                throw new UnreachableException();
        }

        return StepOutcome.Done;
    }

    private void OnPersisted(StorageTicket ticket)
    {
        // Under a later term other entries may stand in the same slots, with the same numbers or not: they wait for their own ticket.
        if (ticket.Term == Term && ticket.Last is { } last)
            _state.Log.StoredTo(last);
        if (ticket.Snapshot is { } snapshot)
            _state.Log.SnapshotStored(snapshot);
        _memberships.LeaveJointIfDue();
    }
}
