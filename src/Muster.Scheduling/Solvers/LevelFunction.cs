namespace Muster.Scheduling.Solvers;

/// <summary>What every class must be brought as the water rises: convex and not falling in the height.</summary>
internal abstract class LevelFunction
{
    /// <summary>Fills in level and right slope of each class at a height.</summary>
    public abstract void At(double height, double[] level, double[] slope);

    /// <summary>Whether a class rises at all.</summary>
    public virtual bool Grows(int row) => true;

    /// <summary>The height at which a class reaches a level; infinite where it never does.</summary>
    public abstract double HeightOf(int row, double level);
}

/// <summary>Level = base + slope × height.</summary>
internal sealed class LinearLevels(double[] start, double[] growth) : LevelFunction
{
    public double[] Start { get; } = start;

    public double[] Growth { get; } = growth;

    public override bool Grows(int row) => Growth[row] > 0;

    /// <summary>Level = height for everybody.</summary>
    public static LinearLevels Even(int rows) => new(new double[rows], [.. Enumerable.Repeat(1.0, rows)]);

    public override void At(double height, double[] level, double[] slope)
    {
        for (var row = 0; row < Start.Length; row++)
        {
            level[row] = Start[row] + Growth[row] * height;
            slope[row] = Growth[row];
        }
    }

    public override double HeightOf(int row, double level) => Growth[row] > 0 ? (level - Start[row]) / Growth[row] : double.PositiveInfinity;
}

/// <summary>Throughput that a job needs for a finish-time ratio of 1 / height: (elapsed + steps / throughput) / alone ≤ 1 / height.</summary>
internal sealed class FinishTimeLevels(double[] steps, double[] elapsed, double[] alone) : LevelFunction
{
    public override void At(double height, double[] level, double[] slope)
    {
        for (var row = 0; row < steps.Length; row++)
        {
            var left = alone[row] - elapsed[row] * height;
            level[row] = left > 0 ? steps[row] * height / left : double.PositiveInfinity;
            slope[row] = left > 0 ? steps[row] * alone[row] / (left * left) : double.PositiveInfinity;
        }
    }

    public override double HeightOf(int row, double level) => level * alone[row] / (steps[row] + level * elapsed[row]);
}

/// <summary>
/// The levels of one step of water-filling: some classes rise with the water, some go straight from where they were to their cap at a given
/// height, and some stay.
/// </summary>
internal sealed class SteppedLevels(LevelFunction rising, int rows) : LevelFunction
{
    private readonly double[] _capHeight = new double[rows];
    private readonly bool[] _moves = new bool[rows];

    /// <summary>What each class has at the step's beginning; also what those that stay keep.</summary>
    public double[] Before { get; } = new double[rows];

    /// <summary>What each class can have at most.</summary>
    public double[] Cap { get; } = new double[rows];

    /// <summary>Whether a class still rises.</summary>
    public bool[] Rises { get; } = new bool[rows];

    /// <summary>The height at the step's beginning.</summary>
    public double From { get; set; }

    /// <summary>The height at which classes whose cap lies below it arrive there; null: they follow the water and stop at their cap.</summary>
    public double? To { get; set; }

    /// <summary>Takes note of who rises and where the caps are: call it when either has changed.</summary>
    public void Begin()
    {
        for (var row = 0; row < Before.Length; row++)
        {
            _moves[row] = Rises[row] && rising.Grows(row);
            _capHeight[row] = _moves[row] ? rising.HeightOf(row, Cap[row]) : 0;
        }
    }

    public override void At(double height, double[] level, double[] slope)
    {
        rising.At(height, level, slope);
        var to = To ?? double.NegativeInfinity;
        for (var row = 0; row < Before.Length; row++)
        {
            if (!_moves[row])
                (level[row], slope[row]) = (Before[row], 0);
            else if (_capHeight[row] <= to)
                (level[row], slope[row]) = Toward(row, height, to);
            else if (level[row] >= Cap[row])
                (level[row], slope[row]) = (Cap[row], 0);
        }
    }

    public override double HeightOf(int row, double level) => rising.HeightOf(row, level);

    private (double Level, double Slope) Toward(int row, double height, double to)
    {
        var slope = to > From ? (Cap[row] - Before[row]) / (to - From) : 0;
        return (height >= to ? Cap[row] : Before[row] + slope * (height - From), slope);
    }
}
