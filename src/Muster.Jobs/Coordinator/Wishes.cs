using System.Collections.Immutable;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Nodes;
using Muster.Jobs.Placement;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Specification;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Coordinator;

/// <summary>What a listing makes each node's wish: nothing is wished that is not stored.</summary>
internal static class Wishes
{
    /// <summary>A node's whole wish; null: it holds a job that cannot be read, so nothing is sent that might end it.</summary>
    public static NodeAssignments? For(NodeId node, StoreListing listing, NodeTable nodes, FencingToken leader)
    {
        var jobs = ImmutableArray.CreateBuilder<JobAssignment>();
        foreach (var job in listing.Jobs.Values)
        {
            if (job.Problem is not null)
            {
                if (MayHold(job, node, nodes))
                    return null;
            }
            else if (Of(job, node, leader) is { } assignment)
                jobs.Add(assignment);
        }

        return new(leader, jobs.ToImmutable());
    }

    /// <summary>Whether two wishes say the same.</summary>
    public static bool Same(NodeAssignments left, NodeAssignments right) =>
        left.Leader == right.Leader && left.Jobs.Length == right.Jobs.Length
        && left.Jobs.Zip(right.Jobs).All(pair => Same(pair.First, pair.Second));

    /// <summary>Whether a node's facts are what is wished, so that sending it again would change nothing.</summary>
    public static bool Agrees(NodeAssignments wish, NodeSnapshot snapshot) =>
        snapshot.Jobs.All(facts => wish.Jobs.Any(job => job.Job == facts.Job))
        && wish.Jobs.All(job => snapshot.Jobs.FirstOrDefault(facts => facts.Job == job.Job) is { } facts && Agrees(job, facts));

    private static bool Agrees(JobAssignment wish, JobFacts facts)
    {
        if (facts.Generation != wish.Generation)
            return false;
        if (wish.Stop is not null)
            return facts.Phase == NodePhase.Ended;
        var isAnswered = wish.Checkpoint is not { State: CheckpointRequestState.Proposed } request
            || facts.Ranks.All(rank => rank.Answer?.Request == request.Id);
        return facts.Phase is NodePhase.Running or NodePhase.Ended && isAnswered;
    }

    private static bool MayHold(JobState job, NodeId node, NodeTable nodes) =>
        nodes.Facts(node, job.Job) is not null || job.Generations.Any(generation => generation.Value.Nodes.Any(part => part.Node == node));

    private static bool Same(JobAssignment left, JobAssignment right) =>
        left.Job == right.Job && left.Generation == right.Generation && left.Token == right.Token
        && left.Stop == right.Stop && left.Checkpoint == right.Checkpoint && left.Committed == right.Committed;

    private static JobAssignment? Of(JobState job, NodeId node, FencingToken leader)
    {
        if (!job.IsWhole || job.CurrentGeneration() is not { } generation)
            return null;
        var nodeRank = generation.Value.Nodes.ToList().FindIndex(part => part.Node == node);
        var current = job.Current!.Value;
        var isOver = current.State != CurrentState.Running && JobPhases.IsSettled(job.Status!.Value.Phase);
        if (nodeRank < 0 || isOver || current.State == CurrentState.Removed)
            return null;
        return new()
        {
            Job = job.Job,
            Generation = generation.Value.Generation,
            Token = new(leader.Cluster, generation.Created),
            Launch = Launch(job, generation.Value, nodeRank),
            Stop = current.State == CurrentState.Closed ? Stop(job, generation.Value.Specification, current.Reason) : null,
            Checkpoint = Checkpoint(job, generation.Value),
            Committed = RestoreChoice.Newest(job)?.Checkpoint.Step,
        };
    }

    private static LaunchPlan Launch(JobState job, GenerationRecord generation, int nodeRank) => new()
    {
        Specification = WithSecrets(generation.Specification, job.Secrets?.Value),
        Attempt = generation.Attempt,
        WorldSize = generation.WorldSize(),
        NodeRank = nodeRank,
        NodeCount = generation.Nodes.Length,
        Ranks = GpuShares.Split(generation.Nodes[nodeRank]),
        MasterAddress = generation.Nodes[0].Address,
        MasterPort = generation.MasterPort,
        CheckpointRoot = generation.CheckpointRoot,
        RestoreFrom = generation.RestoreFrom,
    };

    private static JobSpecification WithSecrets(JobSpecification specification, SecretsRecord? secrets)
    {
        if (secrets is null)
            return specification;
        var environment = specification.Environment;
        foreach (var (name, value) in secrets.Values)
        {
            if (environment.TryGetValue(name, out var known) && known is null)
                environment = environment.SetItem(name, value);
        }

        return specification with { Environment = environment };
    }

    /// <summary>Survivors of a failure may sit in a dead collective: they get the failure's grace and are not asked to save.</summary>
    private static StopOrder Stop(JobState job, JobSpecification specification, Reason? reason)
    {
        var isAsked = reason?.Kind is ReasonKind.StopRequested or ReasonKind.CancelRequested or ReasonKind.RuntimeExceeded
            or ReasonKind.SpecificationChanged or ReasonKind.AllExitedWell;
        return isAsked
            ? new(StopKind.Stop, specification.Stop.Signal, job.Control?.Value.Grace ?? specification.Stop.Grace)
            : new(StopKind.Failure, specification.Stop.Signal, specification.FailureGrace);
    }

    private static CheckpointRequest? Checkpoint(JobState job, GenerationRecord generation)
    {
        if (job.Demand?.Value is not { } demand || demand.Generation != generation.Generation)
            return null;
        var state = demand.State switch
        {
            DemandState.Proposed => CheckpointRequestState.Proposed,
            DemandState.Cancelled => CheckpointRequestState.Cancelled,
            _ => CheckpointRequestState.Confirmed,
        };
        return new(demand.Id, demand.Step, demand.Ends, state);
    }
}
