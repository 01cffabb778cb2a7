using Muster.Samples.Charlm.Data;
using Muster.Samples.Charlm.Model;
using Muster.Samples.Charlm.Numerics;

namespace Muster.Samples.Charlm.Training;

/// <summary>Replaces the values by their mean over all ranks, the same bits on each.</summary>
internal delegate void AverageOverRanks(Span<float> values);

/// <summary>One rank of data-parallel training: its share of each batch, the mean gradient of all, the same update everywhere.</summary>
internal sealed class Trainer
{
    private const double GradientNormMax = 1.0;
    private readonly TrainingOptions _options;
    private readonly Corpus _corpus;
    private readonly DataOrder _order;
    private readonly AverageOverRanks _average;
    private readonly int _rank;
    private readonly int _worldSize;
    private readonly GruNetwork[] _networks = new GruNetwork[2];   // shares of a batch differ by one row at most
    private readonly FloatBuffer _gradient;

    public Trainer(TrainingOptions options, Corpus corpus, int rank, int worldSize, AverageOverRanks average)
    {
        if (options.Batch < worldSize)
            throw new CharlmException($"--batch {options.Batch} is smaller than the world of {worldSize} ranks: each needs a window of its own");
        (_options, _corpus, _rank, _worldSize, _average) = (options, corpus, rank, worldSize, average);
        _order = new DataOrder(options.Seed, corpus.TrainingLength, options.Window, options.Batch);
        Shape = new GruShape(corpus.Alphabet.Length, options.Hidden);
        State = new TrainingState(Shape.Parameters);
        Shape.Initialise(State.Parameters.Span, options.Seed);
        _gradient = new FloatBuffer(Shape.Parameters + 1);
    }

    public GruShape Shape { get; }

    public TrainingState State { get; }

    /// <summary>The moments as they were before the last step, kept only to be restored wrongly on purpose.</summary>
    public TrainingState? Stale { get; private set; }

    /// <summary>Learns from the batch of a step.</summary>
    /// <returns>The mean loss over the whole batch before the update, in nats per character.</returns>
    public double Step(long step)
    {
        KeepStale();
        var gradient = _gradient.Span;
        gradient.Clear();
        AddGradient(step, gradient);
        _average(gradient);
        if (_options.Sabotage != new Sabotage.DropBatch(step))
            Update(step, gradient[..^1]);
        return gradient[^1];
    }

    private void AddGradient(long step, Span<float> gradient)
    {
        var reader = _options.Sabotage == new Sabotage.SwapRanks(step) ? (_rank + 1) % _worldSize : _rank;
        var share = Share.Of(reader, _worldSize, _options.Batch);
        var starts = _order.Batch(step).AsSpan(share);
        var tokens = new int[starts.Length * _options.Window];
        var targets = new int[tokens.Length];
        Gather(starts, tokens, targets);

        // Shares may differ by a row: weighted so that the mean over ranks is the mean over the batch.
        var scale = (float)_worldSize / (_options.Batch * _options.Window);
        var network = NetworkFor(starts.Length);
        network.Load(State.Parameters.Span);
        network.ForgetState();
        if (_options.Dropout > 0)
            network.Hide(_options.Dropout, _options.Seed, step, share.Start.Value);
        network.Forward(tokens);
        gradient[^1] = (float)(network.Loss(targets) * scale);   // travels with the gradient: one exchange a step
        network.Backward(targets, scale, gradient[..^1]);
    }

    private void Gather(ReadOnlySpan<int> starts, Span<int> tokens, Span<int> targets)
    {
        for (var row = 0; row < starts.Length; row++)
        {
            var text = _corpus.Training.Slice(starts[row], _options.Window + 1);
            for (var t = 0; t < _options.Window; t++)
            {
                tokens[t * starts.Length + row] = text[t];
                targets[t * starts.Length + row] = text[t + 1];
            }
        }
    }

    private void Update(long step, ReadOnlySpan<float> gradient)
    {
        var norm = Math.Sqrt(Sums.OfSquares(gradient));
        if (!double.IsFinite(norm))
            throw new CharlmException($"the gradient of step {step} is not finite: give a smaller --learning-rate than {_options.LearningRate}");
        var scale = (float)(GradientNormMax / Math.Max(norm, GradientNormMax));
        Adam.Update(State, gradient, scale, LearningRate.At(step, _options.Steps, _options.LearningRate), step);
    }

    private GruNetwork NetworkFor(int rows)
    {
        ref var network = ref _networks[rows - _options.Batch / _worldSize];
        return network ??= new GruNetwork(Shape, rows, _options.Window);
    }

    private void KeepStale()
    {
        if (_options.Sabotage is not Sabotage.StaleOptimizer)
            return;
        Stale ??= new TrainingState(Shape.Parameters);
        State.FirstMoment.Span.CopyTo(Stale.FirstMoment.Span);
        State.SecondMoment.Span.CopyTo(Stale.SecondMoment.Span);
    }
}
