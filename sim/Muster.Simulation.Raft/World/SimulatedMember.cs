using Muster.Primitives;
using Muster.Raft;

namespace Muster.Simulation.Raft;

/// <summary>A member as the world sees it: a core that may die, a disk that does not, a state machine, a clock of its own.</summary>
internal sealed class SimulatedMember(MemberId id, RaftOptions options, double clockRate)
{
    public MemberId Id { get; } = id;

    public RaftOptions Options { get; } = options;

    /// <summary>How fast its clock runs; 1 is right.</summary>
    public double ClockRate { get; } = clockRate;

    public MemberDisk Disk { get; } = new();

    public StateMachine Machine { get; } = new();

    /// <summary>Nothing while it is down.</summary>
    public RaftCore? Core { get; set; }

    /// <summary>Counts its starts: what belongs to an earlier life is void.</summary>
    public int Life { get; set; }

    public bool IsUp => Core is not null;

    public long PausedUntil { get; set; }

    /// <summary>What arrives while it is paused, in order.</summary>
    public List<Event> Backlog { get; } = [];

    /// <summary>Handed out and not yet being stored.</summary>
    public List<Ready> ToStore { get; set; } = [];

    /// <summary>Being stored, by one sync; nothing when the disk is idle.</summary>
    public List<Ready>? Storing { get; set; }

    /// <summary>The disk is full until then: nothing is stored.</summary>
    public long DiskFullUntil { get; set; }

    public long ApplyBusyUntil { get; set; }

    /// <summary>Dies after so many more effects; negative: not planned.</summary>
    public int EffectsUntilCrash { get; set; } = -1;

    /// <summary>Reads granted at a slot not yet applied.</summary>
    public List<ReadGrant> GrantedReads { get; } = [];

    public bool DrainIsDue { get; set; }

    public bool IsRetired { get; set; }

    public MemberView View { get; } = new();

    public Instant Clock(long now) => new(TimeSpan.FromMicroseconds(now * ClockRate));
}
