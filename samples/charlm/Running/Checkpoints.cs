using Muster.Samples.Charlm.Data;
using Muster.Samples.Charlm.Training;
using Muster.Worker;
using Muster.Worker.Collectives;

namespace Muster.Samples.Charlm.Running;

/// <summary>Saves this rank's part of the state, and puts the whole together again.</summary>
internal sealed class Checkpoints(TrainingRun run, CollectiveGroup group, Trainer trainer, Corpus corpus, Trace trace)
{
    private TrainingState State => trainer.State;

    /// <summary>Saves if a checkpoint of the step just done is due.</summary>
    public void Offer() => run.Checkpoint(Save);

    private void Save(CheckpointWriter writer)
    {
        trace.Note("writing", writer.Step);
        writer.Write(Shard.FileName, Shard.Write(State, trainer.Stale ?? State, run.Rank, Subject(writer.Step, run.WorldSize)));
        trace.Note("written", writer.Step);
    }

    /// <summary>Loads the checkpoint to resume from, if there is one. All ranks come here together.</summary>
    /// <returns>The steps done.</returns>
    /// <exception cref="ShardException">The checkpoint is damaged or was saved by another run.</exception>
    public long Restore()
    {
        try
        {
            if (run.Restore() is not { } own)
                return 0;
            trace.Note("restoring", own.Step);
            Shard.Read(own.ReadAll(Shard.FileName), State, run.Rank, Subject(own.Step, run.WorldSize), own.Directory);
            Gather(State.Parameters.Span);
            Gather(State.FirstMoment.Span);
            Gather(State.SecondMoment.Span);
            return own.Step;
        }
        catch (WorldChangedException)
        {
            return RestoreOtherWorld(run.Shards());
        }
    }

    /// <summary>Slices saved by another number of ranks: each rank reads them all.</summary>
    private long RestoreOtherWorld(IReadOnlyList<ShardDirectory> shards)
    {
        foreach (var shard in shards)
        {
            var bytes = shard.ReadAll(Shard.FileName);
            var worldSize = Shard.WorldSizeOf(bytes, shard.Directory);
            if (worldSize != shards.Count)
                throw new ShardException($"{shard.Directory} was saved by {worldSize} ranks, and the checkpoint has {shards.Count} shards: restore another one");
            Shard.Read(bytes, State, shard.Rank, Subject(shard.Step, worldSize), shard.Directory);
        }

        return shards[0].Step;
    }

    /// <summary>Every rank gives its own slice to the others.</summary>
    private void Gather(Span<float> values)
    {
        if (run.WorldSize == 1)
            return;
        var length = Shard.SliceLength(values.Length, run.WorldSize);
        var slice = new float[length];
        var all = new float[length * run.WorldSize];
        values[Shard.Slice(values.Length, run.Rank, run.WorldSize)].CopyTo(slice);
        group.AllGather<float>(slice, all);
        all.AsSpan(0, values.Length).CopyTo(values);
    }

    private CheckpointSubject Subject(long step, int worldSize) => new(step, worldSize, trainer.Shape.Hidden, corpus.Digest);
}
