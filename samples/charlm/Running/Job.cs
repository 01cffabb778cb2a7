using System.Globalization;
using System.Text;
using Muster.Samples.Charlm.Data;
using Muster.Samples.Charlm.Training;
using Muster.Worker;
using Muster.Worker.Collectives;

namespace Muster.Samples.Charlm.Running;

/// <summary>One rank of the job from beginning to end: this is what taking part in Muster looks like.</summary>
internal static class Job
{
    private const int ProgressLines = 20;

    public static void Run(TrainingOptions options, TextWriter output)
    {
        var corpus = Corpus.Read(options.CorpusPath);
        using var trace = new Trace(options);
        trace.Note("starting", 0);
        using var run = TrainingRun.Join(new TrainingRunOptions { AloneEvery = 500 });
        using var group = CollectiveGroup.Connect(CollectiveMembership.FromEnvironment());
        var trainer = new Trainer(options, corpus, run.Rank, run.WorldSize, gradient =>
        {
            if (group.WorldSize > 1)
                group.AllReduce(gradient, ReduceOperation.Mean);
        });
        var checkpoints = new Checkpoints(run, group, trainer, corpus, trace);
        var done = checkpoints.Restore();
        var progress = run.Rank == 0 ? output : TextWriter.Null;
        progress.WriteLine(done == 0
            ? $"training from the beginning: {run.WorldSize} ranks, {options.Steps} steps, {corpus.TrainingLength} characters"
            : $"going on from the checkpoint of step {done}: {run.WorldSize} ranks, {options.Steps} steps");

        foreach (var step in run.Steps(options.Steps))
        {
            trace.Note("training", step);
            Thread.Sleep(options.StepDelay);
            var loss = trainer.Step(step);
            run.Report(("loss", loss));
            checkpoints.Offer();
            done = step + 1;
            if (done % Math.Max(1, options.Steps / ProgressLines) == 0)
                progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {done,6} of {options.Steps}  loss {loss:F3}"));
        }

        Finish(options, corpus, trainer, group, done, run.IsStopping, progress);
        trace.Note(run.IsStopping ? "stopping" : "finishing", done);
    }

    private static void Finish(
        TrainingOptions options, Corpus corpus, Trainer trainer, CollectiveGroup group, long done, bool stopping, TextWriter output)
    {
        if (stopping)
        {
            output.WriteLine($"stopped after step {done}, saved; the same command goes on from there");
            return;
        }

        var digest = trainer.State.Digest();
        RequireReplicas(group, digest);
        if (group.Rank != 0)
            return;
        Result.Print(output, options, corpus, trainer);
        output.WriteLine($"weights {digest}");
        output.Flush();
        if (options.WeightsDigestPath is { } path)
            WriteDigest(path, digest);
    }

    /// <summary>Every rank has made the same updates to the same weights, so they must be the same bits.</summary>
    private static void RequireReplicas(CollectiveGroup group, string digest)
    {
        if (group.WorldSize == 1)
            return;
        var own = Encoding.ASCII.GetBytes(digest);
        var all = new byte[own.Length * group.WorldSize];
        group.AllGather<byte>(own, all);
        for (var rank = 0; rank < group.WorldSize; rank++)
        {
            if (!all.AsSpan(rank * own.Length, own.Length).SequenceEqual(own))
                throw new CharlmException($"the weights of rank {rank} are not those of rank {group.Rank}: a rank computes wrongly, or machines of different kinds are mixed; do not use this model");
        }
    }

    private static void WriteDigest(string path, string digest)
    {
        try
        {
            File.WriteAllText(path, digest + "\n");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CharlmException($"--weights-digest {path} cannot be written: {failure.Message}. Give a path in a directory that exists and may be written");
        }
    }
}
