using Muster.Samples.Charlm;
using Muster.Samples.Charlm.Data;
using Muster.Samples.Charlm.Running;
using Muster.Samples.Charlm.Training;

namespace Charlm.Tests;

/// <summary>Several ranks in one process, each on a thread, whose gradients are averaged in the order of their ranks.</summary>
internal sealed class World
{
    public static readonly TrainingOptions Small = new() { Steps = 12, Batch = 7, Window = 12, Hidden = 8, Dropout = 0.25f };
    public static readonly Corpus Corpus = Corpus.Read(Path.Combine(AppContext.BaseDirectory, "corpus.txt"));

    private readonly float[][] _values;
    private readonly Barrier _barrier;

    public World(TrainingOptions options, int worldSize)
    {
        _values = new float[worldSize][];
        _barrier = new Barrier(worldSize);
        Ranks = [.. Enumerable.Range(0, worldSize).Select(rank => new Trainer(options, Corpus, rank, worldSize, gradient => Average(rank, gradient)))];
    }

    public Trainer[] Ranks { get; }

    public string Digest => Ranks[0].State.Digest();

    /// <summary>Trains all ranks from one step up to another; returns the losses.</summary>
    public double[] Train(long from, long to)
    {
        var losses = new double[to - from];
        var threads = Ranks.Select((trainer, rank) => new Thread(() =>
        {
            for (var step = from; step < to; step++)
            {
                var loss = trainer.Step(step);
                if (rank == 0)
                    losses[step - from] = loss;
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return losses;
    }

    /// <summary>Every rank's shard.</summary>
    public byte[][] Save(long step) =>
        [.. Ranks.Select((trainer, rank) => Shard.Write(trainer.State, trainer.Stale ?? trainer.State, rank, Subject(step, Ranks.Length)))];

    /// <summary>Each rank puts all shards together, whoever many saved them.</summary>
    public void Load(byte[][] shards, long step)
    {
        foreach (var trainer in Ranks)
        {
            for (var rank = 0; rank < shards.Length; rank++)
                Shard.Read(shards[rank], trainer.State, rank, Subject(step, shards.Length), $"shard {rank}");
        }
    }

    private CheckpointSubject Subject(long step, int worldSize) => new(step, worldSize, Ranks[0].Shape.Hidden, Corpus.Digest);

    private void Average(int rank, Span<float> gradient)
    {
        _values[rank] = gradient.ToArray();
        _barrier.SignalAndWait();
        gradient.Clear();
        foreach (var values in _values)
        {
            for (var i = 0; i < gradient.Length; i++)
                gradient[i] += values[i];
        }

        for (var i = 0; i < gradient.Length; i++)
            gradient[i] /= _values.Length;
        _barrier.SignalAndWait();
    }
}
