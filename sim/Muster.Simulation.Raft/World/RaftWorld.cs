using Muster.Primitives;
using Muster.Raft;
using Muster.Simulation.Raft.Invariants;

namespace Muster.Simulation.Raft;

/// <summary>Members, the links between them and the order of events, all of it from one seed.</summary>
/// <remarks>Runs real cores; the shell around them is the smallest that can lose, delay, repeat and die at every place.</remarks>
internal sealed class RaftWorld
{
    private const int SequenceBits = 22;
    private readonly PriorityQueue<Event, long> _events = new();
    private readonly SortedDictionary<MemberId, SimulatedMember> _members = [];
    private readonly IRaftInvariant[] _laws;
    private readonly OneLeaderPerTerm _leaders = new();
    private long _sequence;

    public RaftWorld(ulong seed, WorldSettings settings, Action<string>? listener)
    {
        Settings = settings;
        DiskMicroseconds = settings.DiskMicroseconds;
        Chance = new(seed);
        Links = new(Chance.Split());
        Story = new(listener);
        Shell = new(this);
        _laws =
        [
            _leaders, new LeaderOnlyAppends(), new LogMatching(), new CommittedNeverChanges(), new LeaderCompleteness(),
            new AppliedIsDecided(), new DecidedWasProposed(), new NothingGoesBack(), new IndexesInOrder(),
            new CommittedOnQuorum(Find), new ElectedByQuorum(Find), new SaidIsDurable(), new LearnersStandAside(), new MembershipByLog(),
        ];
    }

    public WorldSettings Settings { get; }

    public SeededRandom Chance { get; }

    /// <summary>Typical time of a sync, in microseconds.</summary>
    public int DiskMicroseconds { get; set; }

    public Links Links { get; }

    public Story Story { get; }

    public MemberShell Shell { get; }

    public Decided Decided { get; } = new();

    public ReadsAreCurrent Reads { get; } = new();

    public RunCounts Counts { get; } = new();

    /// <summary>Virtual time, in microseconds.</summary>
    public long Now { get; private set; }

    public IReadOnlyDictionary<Term, MemberId> Leaders => _leaders.Leaders;

    public IEnumerable<SimulatedMember> Members => _members.Values;

    public Action<Event>? OnOther { get; set; }

    public SimulatedMember? Find(MemberId id) => _members.GetValueOrDefault(id);

    public SimulatedMember Add(MemberId id, Recovered? start)
    {
        var member = new SimulatedMember(id, Settings.Options(id), Settings.ClockRate(Chance));
        _members.Add(id, member);
        if (start?.Snapshot is { } snapshot)
        {
            member.Disk.Write(new DiskRecord.Installed(snapshot));
            member.Disk.Write(new DiskRecord.Hard(start.Hard));
            member.Disk.Sync();
        }

        Shell.Start(member, isFirst: true);
        return member;
    }

    public void At(long when, Event what) => _events.Enqueue(what, (Math.Max(when, Now) << SequenceBits) | (_sequence++ & ((1 << SequenceBits) - 1)));

    /// <summary>Runs until a time, a number of steps, or a condition.</summary>
    public void Run(long until, long stepsMax, Func<bool>? isEnough = null)
    {
        while (Counts.Steps < stepsMax && _events.TryPeek(out _, out var key) && key >> SequenceBits <= until)
        {
            Now = key >> SequenceBits;
            Handle(_events.Dequeue());
            if (isEnough?.Invoke() == true)
                return;
        }
    }

    /// <summary>Gives a member an input and checks every law.</summary>
    public StepOutcome Step(SimulatedMember member, Input input)
    {
        var core = member.Core!;
        Counts.Steps++;
        var outcome = core.Step(input);
        Check(member, core);
        return outcome;
    }

    public void Check(SimulatedMember member, RaftCore core)
    {
        member.View.Look(core);
        foreach (var law in _laws)
            law.AfterStep(member, core, Decided);
        Story.Changes(Now, member, core);
        if (core.Role == Role.Leader && member.View.RoleBefore != Role.Leader)
            Counts.Elections++;
        Counts.Fold(core);
        member.View.Remember(core);
    }

    public void CheckSend(SimulatedMember member, Message message)
    {
        foreach (var law in _laws)
            law.BeforeSend(member, member.Core!, message, Decided);
    }

    public void CheckApply(SimulatedMember member, LogEntry entry)
    {
        foreach (var law in _laws)
            law.AfterApply(member, entry, Decided);
    }

    private void Handle(Event what)
    {
        var member = what.Member;
        if (member is null)
        {
            OnOther?.Invoke(what);
            return;
        }

        if (what.Kind == EventKind.Restart)
        {
            if (!member.IsUp && !member.IsRetired && what.Life == member.Life)
                Shell.Start(member, isFirst: false);
            return;
        }

        if (!member.IsUp || (what.Life != member.Life && what.Kind != EventKind.Deliver))
            return;
        if (member.PausedUntil > Now && what.Kind != EventKind.Resume)
        {
            // A tick of a stopped process is not made up for; its next one comes when it goes on.
            if (what.Kind != EventKind.Tick)
                member.Backlog.Add(what);
            return;
        }

        Shell.Handle(member, what);
    }
}

/// <summary>What happened in a run, in numbers.</summary>
public sealed class RunCounts
{
    /// <summary>Inputs given to cores.</summary>
    public long Steps { get; internal set; }

    /// <summary>Times that a member took office.</summary>
    public long Elections { get; internal set; }

    /// <summary>Members that died.</summary>
    public long Crashes { get; internal set; }

    /// <summary>Things written that a crash took back.</summary>
    public long LostWrites { get; internal set; }

    /// <summary>Messages lost, cut off, or said to the dead.</summary>
    public long LostMessages { get; internal set; }

    /// <summary>Messages delivered twice.</summary>
    public long Duplicates { get; internal set; }

    /// <summary>Partitions of any shape.</summary>
    public long Partitions { get; internal set; }

    /// <summary>Processes stopped for a while.</summary>
    public long Pauses { get; internal set; }

    /// <summary>Disks that stalled or were full for a while.</summary>
    public long DiskFaults { get; internal set; }

    /// <summary>Changes of membership that came into force.</summary>
    public long Changes { get; internal set; }

    /// <summary>Snapshots sent.</summary>
    public long Snapshots { get; internal set; }

    /// <summary>Proposals of which a client was told that they are decided.</summary>
    public long Acknowledged { get; internal set; }

    /// <summary>Reads answered.</summary>
    public long Reads { get; internal set; }

    /// <summary>Leaderships handed over on request.</summary>
    public long Transfers { get; internal set; }

    /// <summary>A digest of everything that happened: equal seeds give equal ones.</summary>
    public ulong Hash { get; private set; }

    internal void Fold(RaftCore core) =>
        Hash = (Hash ^ (ulong)core.Last.Index.Number ^ ((ulong)core.Term.Number << 32) ^ (core.Id.Number << 56)
            ^ ((ulong)core.Committed.Number << 16) ^ (ulong)core.Role) * 0x9E3779B97F4A7C15UL;
}
