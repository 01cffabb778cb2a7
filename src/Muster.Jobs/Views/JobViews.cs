using System.Collections.Immutable;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Nodes;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Primitives;

namespace Muster.Jobs.Views;

/// <summary>What people see of a job, from what is stored and what nodes say.</summary>
public static class JobViews
{
    /// <summary>One job.</summary>
    /// <param name="job">What is stored.</param>
    /// <param name="snapshot">What each host last said; null: nothing (as when the store is read offline).</param>
    public static JobView Of(JobState job, Func<NodeId, NodeSnapshot?> snapshot)
    {
        var status = job.Status?.Value;
        var generation = job.CurrentGeneration()?.Value;
        var facts = Facts(job, generation, snapshot);
        return new()
        {
            Job = job.Job,
            Phase = status?.Phase ?? JobPhase.Waiting,
            Reason = job.Problem is { } problem ? $"a stored value cannot be read: {problem}" : status?.Reason.Text ?? "",
            Generations = job.Current?.Value.Generation.Number ?? 0,
            Attempt = status?.Attempt ?? default,
            RestartsLeft = Math.Max(0, (job.Specification?.Value.Specification.Restart.Max ?? 0) - (status?.Charged ?? 0)),
            WorldSize = generation?.WorldSize() ?? 0,
            Restarts = [.. (status?.Restarts ?? []).Select(Restart)],
            Ranks = [.. facts.SelectMany(node => node.Ranks).OrderBy(rank => rank.Rank)],
            LastCheckpoint = RestoreChoice.Newest(job)?.Checkpoint,
            RestoredFrom = job.Current?.Value.RestoreFrom?.Step,
            WarmBytes = facts.Sum(node => node.WarmBytes),
            OutputDirectory = facts.FirstOrDefault()?.OutputDirectory,
            LastEvent = job.Current?.Value.EventSequence ?? 0,
        };
    }

    /// <summary>Events still kept, oldest first.</summary>
    /// <param name="job">What is stored.</param>
    /// <param name="after">Only later ones than this number; 0: all.</param>
    public static ImmutableArray<JobEvent> Events(JobState job, long after = 0) =>
        [.. job.Events.Select(stored => stored.Value.Event).Where(decided => decided.Sequence > after)];

    /// <summary>What <c>muster why</c> prints: where the job stands and why, then the decisions that led there.</summary>
    /// <param name="job">What is stored.</param>
    /// <param name="events">How many decisions.</param>
    public static ImmutableArray<string> Why(JobState job, int events = 20)
    {
        var view = Of(job, _ => null);
        var lines = ImmutableArray.CreateBuilder<string>();
        lines.Add($"{job.Job} is {view.Phase.ToString().ToLowerInvariant()}: {view.Reason}");
        foreach (var decided in Events(job).TakeLast(events))
            lines.Add($"{decided.Sequence} generation {decided.Generation} {decided.Kind}: {decided.Text}");
        return lines.ToImmutable();
    }

    private static RestartView Restart(RestartRecord restart) =>
        new(restart.Reason.Name, restart.Reason.Rank, restart.Reason.Step, restart.Generation, restart.Reason.Text);

    private static List<JobFacts> Facts(JobState job, GenerationRecord? generation, Func<NodeId, NodeSnapshot?> snapshot) =>
        generation is null
            ? []
            : [.. generation.Nodes
                .Select(part => snapshot(part.Node)?.Jobs.FirstOrDefault(facts => facts.Job == job.Job && facts.Generation == generation.Generation))
                .Where(facts => facts is not null)
                .Select(facts => facts!)];
}
