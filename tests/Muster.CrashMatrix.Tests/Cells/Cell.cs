using System.Collections.Concurrent;
using System.Text.Json;
using Muster.RealRuns;

namespace Muster.CrashMatrix.Tests.Cells;

/// <summary>One kill: who, when, in a job of how many ranks. What must be true afterwards is the same in every cell.</summary>
internal sealed record Cell(Victim Victim, Phase Phase, int Ranks, ulong Seed)
{
    /// <summary>Address of the store that the job of a mark is given; null: the one of its data directory.</summary>
    public Func<string, string>? Store { get; init; }

    private static readonly ConcurrentDictionary<int, Lazy<string>> s_undisturbed = [];

    private TrainingJob Job => new() { Ranks = Ranks, Extra = Phases.Holds(Phase) };

    public void Play() => RealRun.In(run =>
    {
        var expected = Undisturbed(Ranks);
        Job.Write(run);
        Phases.Prepare(Phase, run, Ranks);

        var command = TrainingJob.Start(run, Store is null ? [] : ["--store", Store(run.Mark)]);
        if (Phase == Phase.Restoring)
            KillFirst(run, command);
        RealRun.Until($"{Phase} comes", () => Reached(run, command));
        Thread.Sleep((int)(Seed % (ulong)(Phases.OffsetMillisecondsMax(Phase) + 1)));
        Victims.Kill(Victim, run, Ranks);
        foreach (var phase in (string[])["starting", "training", "writing", "restoring", "finishing"])
            run.Release(phase);
        var result = Finish(run, command);

        Assert.Equal("completed", result.GetProperty("state").GetString());
        Assert.Equal(expected, run.Weights);
        run.RequireNobodyLeft();
        Assert.Equal(Job.Steps, run.RequireCheckpointsWhole(TrainingJob.Name)[0]);
        RequireHistory(run, result.GetProperty("generations").GetInt64());
    });

    /// <summary>The weights of the same job when nothing happens to it.</summary>
    public static string Undisturbed(int ranks) =>
        s_undisturbed.GetOrAdd(ranks, _ => new(() => WeightsOf(new TrainingJob { Ranks = ranks }))).Value;

    /// <summary>The weights of a job that nobody disturbs.</summary>
    public static string WeightsOf(TrainingJob job)
    {
        var weights = "";
        RealRun.In(run =>
        {
            job.Write(run);
            var command = TrainingJob.Start(run);
            Assert.True(command.Wait() == 0, command.Errors);
            Assert.Equal(64, run.Weights.Length);
            weights = run.Weights;
        });
        return weights;
    }

    /// <summary>A rank dies after the first commit, so that there is something to restore.</summary>
    private void KillFirst(RealRun run, MusterProcess command)
    {
        RealRun.Until("a checkpoint is committed and training goes on", () => Reached(run, command, Phase.Training));
        Victims.Kill(Victim.Rank, run, Ranks);
        run.Release("training");
    }

    private bool Reached(RealRun run, MusterProcess command, Phase? phase = null)
    {
        if (command.HasExited)
            throw new InvalidOperationException($"the command ended before {Phase} came");
        return Phases.HasCome(phase ?? Phase, run, Ranks, command.Events("committed").Any());
    }

    private JsonElement Finish(RealRun run, MusterProcess command)
    {
        if (Victims.MustBeTypedAgain(Victim))
        {
            Assert.Equal(128 + ProcessTable.SigKill, command.Wait());
            command = TrainingJob.Start(run);
        }

        Assert.True(command.Wait() == 0, "the command failed");
        return command.Json.Last();
    }

    /// <summary>Nothing was left out, and what was repeated was repeated from a checkpoint.</summary>
    private void RequireHistory(RealRun run, long generations)
    {
        var trace = run.TraceOf(0);
        var steps = trace.Where(line => line.Phase == "training").Select(line => line.Step).ToList();
        Assert.Equal(Enumerable.Range(0, Job.Steps).Select(step => (long)step), steps.Distinct().Order());
        var first = Phase == Phase.Restoring ? 2 : 1;
        if (!Victims.EndsRanks(Victim))
        {
            Assert.Equal(first, generations);      // ranks notice nothing
            return;
        }

        Assert.True(generations > first, $"{generations} generations");
        if (Phase != Phase.Starting)
            Assert.Contains(trace, line => line.Generation > first && line is { Phase: "restoring", Step: >= Phases.FirstCheckpoint });
        if (Phases.RepeatsSteps(Phase))
            Assert.True(steps.Count > Job.Steps, "no step was repeated");
    }
}
