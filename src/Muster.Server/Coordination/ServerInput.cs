using Muster.Jobs.Coordinator;
using Muster.Jobs.Nodes;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Server.Coordination;

/// <summary>What the coordinator's loop hears.</summary>
internal abstract record ServerInput
{
    private ServerInput()
    {
    }

    /// <summary>Something for the core, with the time at which it is taken from the inbox.</summary>
    public sealed record Core(Func<Instant, CoordinatorInput> Make) : ServerInput;

    /// <summary>A host told all it knows.</summary>
    public sealed record Reported(ILink Link, NodeSnapshot Snapshot) : ServerInput;

    /// <summary>A link is gone.</summary>
    public sealed record LinkClosed(ILink Link) : ServerInput;

    /// <summary>Time passed.</summary>
    public sealed record Tick(Instant Now) : ServerInput;

    /// <summary>Somebody wants to look.</summary>
    public sealed record Ask(Action<CoordinatorCore?> Look) : ServerInput;
}
