using System.Collections.Immutable;

namespace Muster.Raft;

/// <summary>What becomes of one member.</summary>
public enum MemberChangeKind
{
    /// <summary>It votes.</summary>
    AddVoter,

    /// <summary>It receives entries and is not counted; a voter is demoted.</summary>
    AddLearner,

    /// <summary>It leaves.</summary>
    Remove,

    /// <summary>It stays what it is; the change only carries its context.</summary>
    Update,
}

/// <summary>One step of a change of membership.</summary>
public readonly record struct MemberChange(MemberChangeKind Kind, MemberId Member)
{
    /// <summary>As in scenario files: v1 l2 r3 u4.</summary>
    public override string ToString() => $"{"vlru"[(int)Kind]}{Member}";
}

/// <summary>How a change of membership comes into force.</summary>
public enum Transition
{
    /// <summary>In one step when at most one voter changes, else through a joint configuration that ends by itself.</summary>
    Automatic,

    /// <summary>Through a joint configuration that ends by itself.</summary>
    JointImplicit,

    /// <summary>Through a joint configuration that ends when asked to, by an empty change.</summary>
    JointExplicit,
}

/// <summary>A change of membership, as it stands in the log. An empty one with <see cref="Transition.Automatic"/> leaves a joint configuration.</summary>
/// <param name="Changes">The steps, in order.</param>
/// <param name="Transition">How they come into force.</param>
/// <param name="Context">For the application: say, a new member's address.</param>
public sealed record ConfigurationChange(
    ImmutableArray<MemberChange> Changes, Transition Transition = Transition.Automatic, ReadOnlyMemory<byte> Context = default)
{
    /// <summary>Ends a joint configuration.</summary>
    public static ConfigurationChange Leave { get; } = new([]);

    /// <summary>Whether this ends a joint configuration.</summary>
    public bool IsLeave => Changes.Length == 0 && Transition == Transition.Automatic;

    /// <summary>Whether this goes through a joint configuration.</summary>
    public bool EntersJoint => Transition != Transition.Automatic || Changes.Length > 1;

    /// <summary>Whether the leader ends the joint configuration by itself.</summary>
    public bool LeavesAutomatically => Transition != Transition.JointExplicit;

    /// <summary>What limits count it with, in bytes.</summary>
    public int SizeBytes => Changes.Length * 9 + Context.Length + 1;

    /// <inheritdoc/>
    public override string ToString() => IsLeave ? "leave" : string.Join(' ', Changes);
}
