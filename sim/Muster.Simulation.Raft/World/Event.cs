using Muster.Raft;

namespace Muster.Simulation.Raft;

internal enum EventKind
{
    Tick,
    Deliver,
    Stored,
    AppliedTo,
    Drain,
    Resume,
    Restart,
    LinkClosed,
    SnapshotSent,
    Client,
    Fault,
}

/// <summary>Something that will happen to a member, unless it has died by then.</summary>
internal readonly record struct Event(EventKind Kind, SimulatedMember? Member, int Life, object? What = null, long Number = 0)
{
    public Message Message => (Message)What!;

    public Ready Ready => (Ready)What!;

    public List<Ready> Batch => (List<Ready>)What!;
}
