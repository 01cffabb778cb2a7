using Muster.Raft;

namespace Muster.Simulation.Raft;

/// <summary>What happened, in words; silent unless someone listens.</summary>
internal sealed class Story(Action<string>? listener)
{
    public bool IsTold => listener is not null;

    public void Tell(long now, string text) => listener?.Invoke($"{now / 1e6,9:0.000} s  {text}");

    /// <summary>What a step has changed, as far as a person cares.</summary>
    public void Changes(long now, SimulatedMember member, RaftCore core)
    {
        if (listener is null)
            return;
        var view = member.View;
        if (core.Term != view.TermBefore)
            Tell(now, $"{core.Id} goes from term {view.TermBefore} to {core.Term}");
        if (core.Vote != view.VoteBefore && core.Vote.IsSome)
            Tell(now, $"{core.Id} votes for {core.Vote} in term {core.Term}");
        if (core.Role != view.RoleBefore)
            Tell(now, $"{core.Id} becomes {core.Role.ToString().ToLowerInvariant()} in term {core.Term}; its log ends at {core.Last}");
        if (view.ReplacedFrom is { } from)
            Tell(now, $"{core.Id} replaces its log from {from} on; it now ends at {core.Last}");
        if (core.Committed > view.CommittedBefore && core.Role == Role.Leader)
            Tell(now, $"{core.Id} takes everything up to {core.Committed} as decided");
    }
}
