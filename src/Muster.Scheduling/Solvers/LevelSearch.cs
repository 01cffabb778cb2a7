namespace Muster.Scheduling.Solvers;

/// <summary>The highest water at which every class can have its level: the dual over prices of the types, cut by cut.</summary>
/// <remarks>
/// For any prices, the height at which the classes' cheapest ways cost more than all GPUs do bounds the answer from above; the shares at
/// that height are a column of a small linear program (Dantzig and Wolfe, 1960) whose value bounds it from below and whose duals are
/// the next prices. Both meet at the optimum, so the answer carries its proof.
/// </remarks>
internal sealed class LevelSearch
{
    private readonly SharingProblem _problem;
    private readonly PriceCurves _curves;
    private readonly double[] _level;
    private readonly double[] _slope;

    public LevelSearch(SharingProblem problem)
    {
        _problem = problem;
        _curves = new PriceCurves(problem);
        (_level, _slope) = (new double[problem.Rows], new double[problem.Rows]);
    }

    public PriceCurves Curves => _curves;

    /// <summary>How often prices were tried.</summary>
    public long Trials { get; private set; }

    /// <summary>Raises the water from a feasible state.</summary>
    /// <param name="levels">What classes must have.</param>
    /// <param name="from">A height known to be feasible.</param>
    /// <param name="high">No higher than this.</param>
    /// <param name="used">Shape [types]; GPUs used at <paramref name="from"/>.</param>
    /// <param name="prices">Prices to try first.</param>
    public LevelAnswer Raise(LevelFunction levels, double from, double high, double[] used, List<double[]> prices)
    {
        var answer = new LevelAnswer(from, high, prices.Count > 0 ? prices[0] : Even());
        var scale = high - from;
        if (scale <= 0)
            return answer;
        var master = NewMaster(used);
        foreach (var first in prices.Count > 0 ? prices : Corners())
            if (Try(master, answer, levels, first, scale, used))
                return answer;
        while (true)
        {
            master.Solve();
            answer.Height = Math.Min(from + master.Objective * scale, high);
            var gap = answer.Bound - answer.Height;
            if (gap <= SolverLimits.Gap * Math.Max(Math.Abs(answer.Bound), scale))
                break;
            var next = PricesOf(master);
            if (answer.Tried.Count >= SolverLimits.PricesMax || next is null || !IsNews(answer, next))
            {
                answer.Gap = gap / Math.Max(Math.Abs(answer.Bound), scale);
                break;
            }

            if (Try(master, answer, levels, next, scale, used))
                return answer;
        }

        answer.Take(master);
        return answer;
    }

    /// <summary>Adds the shares of an answer, and the GPUs they use.</summary>
    public void Compose(LevelAnswer answer, LevelFunction levels, double[] shares, double[] usage)
    {
        foreach (var (index, weight) in answer.Parts)
        {
            var (prices, height) = answer.Tried[index];
            _curves.Build(prices);
            levels.At(height, _level, _slope);
            _curves.Add(_level, weight, shares, usage);
        }
    }

    /// <summary>Tries prices; true where the highest water is reached with GPUs to spare, so that nothing remains to be searched.</summary>
    private bool Try(RevisedSimplex master, LevelAnswer answer, LevelFunction levels, double[] prices, double scale, double[] used)
    {
        Trials++;
        _curves.Build(prices);
        var height = Root(levels, prices, answer.From, Math.Min(answer.High, answer.Bound));
        if (height < answer.Bound || answer.Tried.Count == 0)
            (answer.Bound, answer.Prices) = (Math.Min(height, answer.Bound), prices);
        levels.At(height, _level, _slope);
        var usage = new double[_problem.Types];
        _curves.Add(_level, 1, null, usage);
        var (rows, values) = (new int[_problem.Types + 1], new double[_problem.Types + 1]);
        var fits = height >= answer.High;
        for (var type = 0; type < usage.Length; type++)
        {
            fits &= usage[type] <= _problem.Capacity[type];
            (rows[type], values[type]) = (type, (usage[type] - used[type]) / _problem.Capacity[type]);
        }

        (rows[^1], values[^1]) = (_problem.Types, 1);
        answer.Tried.Add((prices, height));
        master.Add((height - answer.From) / scale, rows, values);
        if (fits)
            answer.TakeLast();
        return fits;
    }

    /// <summary>
    /// The height at which all classes cost as much as all GPUs, or the best bound so far where it lies above: a column at the bound is as
    /// good. Newton's steps within a bracket.
    /// </summary>
    private double Root(LevelFunction levels, double[] prices, double low, double high)
    {
        var budget = 0.0;
        for (var type = 0; type < prices.Length; type++)
            budget += prices[type] * _problem.Capacity[type];
        var at = high;
        for (var step = 0; step < 200; step++)
        {
            levels.At(at, _level, _slope);
            var (cost, growth) = _curves.Cost(_level, _slope);
            var over = cost - budget;
            if (step == 0 && over <= 0)
                return high;
            if (Math.Abs(over) <= 1e-14 * budget)
                return at;
            if (over > 0)
                high = at;
            else
                low = at;
            if (high - low <= 1e-15 * Math.Max(Math.Abs(high), Math.Abs(low)))
                break;
            var newton = growth > 0 && double.IsFinite(growth) && double.IsFinite(cost) ? at - over / growth : double.NaN;
            at = newton > low && newton < high ? newton : 0.5 * (low + high);
        }

        return high;
    }

    private RevisedSimplex NewMaster(double[] used)
    {
        var rhs = new double[_problem.Types + 1];
        for (var type = 0; type < used.Length; type++)
            rhs[type] = Math.Max(0, 1 - used[type] / _problem.Capacity[type]);
        rhs[^1] = 1;
        return new RevisedSimplex(rhs);
    }

    /// <summary>The master's duals as prices that all GPUs together cost 1; null where no type has a price.</summary>
    private double[]? PricesOf(RevisedSimplex master)
    {
        var (prices, sum) = (new double[_problem.Types], 0.0);
        for (var type = 0; type < prices.Length; type++)
            sum += Math.Max(0, master.Duals[type]);
        if (sum <= 0)
            return null;
        for (var type = 0; type < prices.Length; type++)
            prices[type] = master.Duals[type] / sum is var part and > SolverLimits.Zero ? part / _problem.Capacity[type] : 0;
        return prices;
    }

    private static bool IsNews(LevelAnswer answer, double[] prices)
    {
        foreach (var (tried, _) in answer.Tried)
            if (tried.AsSpan().SequenceEqual(prices))
                return false;
        return true;
    }

    private double[] Even() => [.. _problem.Capacity.Select(gpus => 1 / (gpus * _problem.Types))];

    private IEnumerable<double[]> Corners()
    {
        yield return Even();
        for (var type = 0; type < _problem.Types; type++)
        {
            var prices = new double[_problem.Types];
            prices[type] = 1 / _problem.Capacity[type];
            yield return prices;
        }
    }
}
