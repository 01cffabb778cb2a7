using Muster.Primitives;

namespace Muster.Samples.Charlm.Data;

/// <summary>Which windows of the training text make up the batch of a step: a function of the seed and the step alone.</summary>
/// <remarks>
/// Every window is read once per epoch, in an order of that epoch's own; batches run on across the ends of epochs. A
/// restarted rank, or one that joins another world, needs no state to go on exactly where the data stood.
/// </remarks>
internal sealed class DataOrder
{
    private readonly ulong _seed;
    private readonly int _window;
    private readonly int _batch;
    private readonly int[] _order;
    private long _epoch = -1;
    private int _offset;

    /// <param name="window">Characters in a window; the last of them is followed by one more, which is only predicted.</param>
    /// <exception cref="CharlmException">The text holds no window.</exception>
    public DataOrder(ulong seed, int trainingLength, int window, int batch)
    {
        (_seed, _window, _batch) = (seed, window, batch);
        // One window less than would fit, so that all of them can be shifted by less than a window.
        var windows = (trainingLength - window) / window;
        if (windows < 1)
            throw new CharlmException($"the training text has {trainingLength} characters, too few for --window {window}: give a smaller --window or a longer --corpus");
        _order = new int[windows];
    }

    public int WindowsPerEpoch => _order.Length;

    /// <summary>Where in the training text each window of a step's whole batch starts.</summary>
    public int[] Batch(long step)
    {
        var starts = new int[_batch];
        for (var i = 0; i < _batch; i++)
        {
            var (epoch, place) = Math.DivRem(step * _batch + i, (long)_order.Length);
            if (epoch != _epoch)
                Shuffle(epoch);
            starts[i] = _offset + _order[place] * _window;
        }

        return starts;
    }

    private void Shuffle(long epoch)
    {
        var random = new SeededRandom(_seed ^ 0xDA7A_0DE5_0000_0000 ^ (ulong)epoch);
        random = random.Split();
        _offset = random.Next(_window);
        for (var i = 0; i < _order.Length; i++)
        {
            var j = random.Next(i + 1);
            _order[i] = _order[j];
            _order[j] = i;
        }

        _epoch = epoch;
    }
}
