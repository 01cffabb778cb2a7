namespace Muster.Scheduling.Solvers;

/// <summary>Two classes whose jobs may share GPUs, on one type.</summary>
/// <param name="First">A class.</param>
/// <param name="Second">Another, or the same.</param>
/// <param name="Type">The GPU type.</param>
/// <param name="FirstRate">What a whole share beside the second brings a job of the first.</param>
/// <param name="SecondRate">The reverse.</param>
internal readonly record struct PackedChoice(int First, int Second, int Type, double FirstRate, double SecondRate);

/// <summary>Max-min where jobs may also share GPUs in pairs: a linear program over classes, level after level.</summary>
/// <remarks>
/// Variables are the total time of each class, or pair of classes, on each type. Source: Narayanan et al., OSDI 2020, section 4.4 (space
/// sharing). Solved by the revised simplex method; each further level starts from the basis of the last.
/// </remarks>
internal sealed class PackedShares
{
    private readonly SharingProblem _problem;
    private readonly double[] _count;
    private readonly double[] _gpus;
    private readonly double[] _growth;
    private readonly IReadOnlyList<PackedChoice> _pairs;
    private readonly List<(int First, int Second, int Type)> _columns = [];
    private readonly int _levelsMax;

    /// <summary>Makes the problem.</summary>
    /// <param name="problem">Rates of a job alone; its use is that of the whole class.</param>
    /// <param name="count">Shape [classes]; jobs of each.</param>
    /// <param name="growth">Shape [classes]; level per height.</param>
    /// <param name="pairs">What may share.</param>
    /// <param name="levelsMax">Levels after the first.</param>
    public PackedShares(SharingProblem problem, double[] count, double[] growth, IReadOnlyList<PackedChoice> pairs, int levelsMax = 4)
    {
        (_problem, _count, _growth, _pairs, _levelsMax) = (problem, count, growth, pairs, levelsMax);
        _gpus = [.. problem.Use.Select((use, row) => use / count[row])];
    }

    /// <summary>The lowest level's height, the optimum of max-min proper.</summary>
    public double FirstHeight { get; private set; }

    /// <summary>Pivots taken.</summary>
    public long Pivots { get; private set; }

    /// <summary>Time of each class alone, or pair of classes, on each type, summed over jobs.</summary>
    public IReadOnlyList<(int First, int Second, int Type, double Time)> Times { get; private set; } = [];

    /// <summary>Solves. Rows: time of each class, level of each class, GPUs of each type, then one per level that keeps the last's height.</summary>
    /// <exception cref="SolverTroubleException">No end within the limits.</exception>
    public void Solve()
    {
        var (n, m) = (_problem.Rows, _problem.Types);
        var simplex = new RevisedSimplex([
            .. Enumerable.Repeat(1.0, n), .. new double[n], .. Enumerable.Repeat(1.0, m), .. new double[_levelsMax + 1]]);
        AddColumns(simplex);
        var rising = Enumerable.Range(0, n).Select(_ => true).ToArray();
        for (var level = 0; level <= _levelsMax && rising.Contains(true); level++)
        {
            var unit = HeightMax(rising);
            var height = AddHeight(simplex, rising, level, unit);
            if (!TrySolve(simplex, level))
                break;
            var reached = simplex.Solution().FirstOrDefault(entry => entry.Column == height).Value;
            if (level == 0)
                FirstHeight = reached * unit;
            for (var row = 0; row < n; row++)
                rising[row] &= simplex.Duals[n + row] <= 1e-9;
            simplex.SetRightSide(2 * n + m + level, -reached * (1 - 1e-9));
            simplex.SetCost(height, 0);
        }

    }

    /// <summary>Solves for a level. Levels after the first are a matter of taste: where rounding forbids them, the last one stands.</summary>
    private bool TrySolve(RevisedSimplex simplex, int level)
    {
        try
        {
            simplex.Solve();
        }
        catch (SolverTroubleException) when (level > 0)
        {
            return false;
        }

        Pivots = simplex.Pivots;
        Times = [.. simplex.Solution().Where(entry => entry.Column < _columns.Count).Select(entry =>
            (_columns[entry.Column].First, _columns[entry.Column].Second, _columns[entry.Column].Type, entry.Value * TimeUnit(entry.Column)))];
        return true;
    }

    /// <summary>Columns count in units of the first class's whole time, so that entries stay near 1.</summary>
    private double TimeUnit(int column) => _count[_columns[column].First];

    /// <summary>The height at which the first of the rising has the best it can have alone.</summary>
    private double HeightMax(bool[] rising)
    {
        var least = double.PositiveInfinity;
        for (var row = 0; row < _problem.Rows; row++)
            if (rising[row])
                least = Math.Min(least, _problem.Best[row] / _growth[row]);
        return least;
    }

    private void AddColumns(RevisedSimplex simplex)
    {
        var (n, m) = (_problem.Rows, _problem.Types);
        for (var row = 0; row < n; row++)
            for (var type = 0; type < m; type++)
                if (_problem.Rate[row * m + type] is > 0 and var rate)
                {
                    _columns.Add((row, -1, type));
                    simplex.Add(0, [row, n + row, 2 * n + type], [1, -rate / _problem.Best[row], _count[row] * _gpus[row] / _problem.Capacity[type]]);
                }

        foreach (var (a, b, type, rateA, rateB) in _pairs)
        {
            _columns.Add((a, b, type));
            var gpus = _count[a] * _gpus[a] / _problem.Capacity[type];
            if (a == b)
                simplex.Add(0, [a, n + a, 2 * n + type], [2, -(rateA + rateB) / _problem.Best[a], gpus]);
            else
                simplex.Add(
                    0, [a, b, n + a, n + b, 2 * n + type],
                    [1, _count[a] / _count[b], -rateA / _problem.Best[a], -rateB * _count[a] / (_count[b] * _problem.Best[b]), gpus]);
        }
    }

    private int AddHeight(RevisedSimplex simplex, bool[] rising, int level, double unit)
    {
        var n = _problem.Rows;
        var (rows, values) = (new List<int>(), new List<double>());
        for (var row = 0; row < n; row++)
            if (rising[row])
            {
                rows.Add(n + row);
                values.Add(_growth[row] * unit / _problem.Best[row]);
            }

        rows.Add(2 * n + _problem.Types + level);
        values.Add(-1);
        return simplex.Add(1, [.. rows], [.. values]);
    }
}
