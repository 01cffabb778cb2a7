using System.Collections.Immutable;
using System.Globalization;
using Muster.Jobs.Nodes;
using Muster.Jobs.Specification;
using Muster.Jobs.Tests.World;
using Muster.Primitives;

namespace Muster.Jobs.Tests;

/// <summary>Words of scenarios that stand for values.</summary>
internal static class ScenarioOptions
{
    public static JobSpecification Set(JobSpecification job, string name, string value) => name switch
    {
        "nodes" => job with { Gang = job.Gang with { NodesMin = Range(value).Low, NodesMax = Range(value).High } },
        "procs" => job with { Gang = job.Gang with { ProcessesPerNode = Number(value) } },
        "settle" => job with { Gang = job.Gang with { Settle = ScenarioRunner.Duration(value) } },
        "gpus" => job with
        {
            Resources = job.Resources with
            {
                Accelerators = [.. value.Split(',').Select(one => new AcceleratorRequest(one.Split(':')[0], Number(one.Split(':')[1])))],
            },
        },
        "keep" => job with { Checkpoint = job.Checkpoint with { Keep = Number(value) } },
        "on-stop" => job with { Checkpoint = job.Checkpoint with { OnStop = value == "save" ? OnStop.Save : OnStop.Discard } },
        "restarts" => job with { Restart = job.Restart with { Max = Number(value) } },
        "backoff" => job with { Restart = job.Restart with { BackoffMin = ScenarioRunner.Duration(value) } },
        "reset" => job with { Restart = job.Restart with { ResetAfter = ScenarioRunner.Duration(value) } },
        "hang" => job with { Liveness = job.Liveness with { HangAfter = ScenarioRunner.Duration(value) } },
        "start" => job with { Liveness = job.Liveness with { StartAfter = ScenarioRunner.Duration(value) } },
        "isolated" => job with { Liveness = job.Liveness with { Isolated = OnIsolation.Stop, IsolatedAfter = ScenarioRunner.Duration(value) } },
        "runtime" => job with { RuntimeMax = ScenarioRunner.Duration(value) },
        _ => throw new InvalidOperationException($"unknown option {name}"),
    };

    public static RankFacts Change(RankFacts rank, string[] does) => does switch
    {
        ["joins"] => rank with { Phase = RankPhase.Joined },
        ["step", var step] => rank with { Phase = RankPhase.Stepping, Step = new(Number(step)), SinceProgress = TimeSpan.Zero },
        ["restored", "step", var step] => rank with { Phase = RankPhase.Stepping, Step = new(Number(step)), SinceProgress = TimeSpan.Zero, SteppedAfterRestore = true },
        ["speed", var speed] => rank with { StepsPerSecond = double.Parse(speed, CultureInfo.InvariantCulture) },
        ["total", var total] => rank with { StepsTotal = Number(total) },
        ["refuses", var id, "at", var step] => rank with { Answer = new(Number(id), false, new(Number(step))), Step = new(Number(step)) },
        ["promises", var id, "at", var step] => rank with { Answer = new(Number(id), true, new(Number(step))), Step = new(Number(step)) },
        ["waits"] => rank with { Phase = RankPhase.Waiting },
        ["pending"] => rank with { Phase = RankPhase.Pending },
        ["save-failed", var step] => rank with { SaveTrouble = $"step {step}: No space left on device", SaveTroubleStep = new(Number(step)) },
        ["saved"] => rank with { SaveTrouble = null, SaveTroubleStep = null },
        ["finds-damage"] => rank with { RestoreTrouble = new(true, "rank-0/state.bin: digest differs") },
        ["cannot-load"] => rank with { RestoreTrouble = new(false, "unexpected key in state") },
        _ => throw new InvalidOperationException(string.Join(' ', does)),
    };

    public static IEnumerable<string> Show(JobWorld world, JobId job, string what) => what switch
    {
        "wishes" => world.Nodes.Values.Select(node => $"wish {node.Node}:{Wish(node.Wish)}"),
        "checkpoints" => (world.Job(job)?.Checkpoints ?? []).Select(stored =>
            $"checkpoint {stored.Value.Checkpoint.Step}.{stored.Value.Checkpoint.Generation}"
            + (stored.Value.Pinned ? " pinned" : "") + (stored.Value.Quarantine is { } why ? why.Damaged ? " damaged" : " unloadable" : "")),
        "files" => world.Files.Select(file => $"files {file.Key}{(file.Value is null ? "" : " manifest")}"),
        "generation" => Generation(world, job),
        "reason" => [world.Job(job)!.Status!.Value.Reason.Text],
        "view" => View(world.Core?.View(job)),
        _ => throw new InvalidOperationException(what),
    };

    private static string Wish(NodeAssignments? wish) => wish is null || wish.Jobs.IsEmpty
        ? " nothing"
        : string.Concat(wish.Jobs.Select(job => $" {job.Job} g{job.Generation}"
            + (job.Stop is { } stop ? $" stop {stop.Kind} {stop.Grace.TotalSeconds}s" : "")
            + (job.Checkpoint is { } save ? $" {save.State} step {save.Step}{(save.Ends ? " ends" : "")}" : "")
            + (job.Committed is { } step ? $" committed {step}" : "")));

    private static IEnumerable<string> Generation(JobWorld world, JobId job) =>
        world.Job(job)?.CurrentGeneration() is not { } generation
            ? ["no generation"]
            : generation.Value.Nodes.Select(node => $"g{generation.Value.Generation} {node.Node} ranks {node.FirstRank}+{node.Ranks} gpus [{string.Join(' ', node.Gpus)}]")
                .Append($"restore from {generation.Value.RestoreFrom?.Step.ToString() ?? "the beginning"}");

    private static IEnumerable<string> View(Views.JobView? view) => view is null
        ? ["no view"]
        : [$"{view.Phase} generations {view.Generations} attempt {view.Attempt} left {view.RestartsLeft} world {view.WorldSize} last {view.LastCheckpoint?.Step.ToString() ?? "-"} from {view.RestoredFrom?.ToString() ?? "-"}",
            .. view.Restarts.Select(restart => $"restart g{restart.Generation} {restart.Reason} rank {restart.Rank?.ToString() ?? "-"} at {restart.At?.ToString() ?? "-"}")];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static (int Low, int High) Range(string text) =>
        text.Split("..") is [var low, var high] ? (Number(low), Number(high)) : (Number(text), Number(text));
}
