namespace Muster.Scheduling.Solvers;

/// <summary>The fairest point: levels rise together; whoever can rise no more stays, and the others go on (lexicographic max-min).</summary>
/// <remarks>
/// Water-filling over the polytope of a few GPU types. A class stays when more of it would cost GPUs that the others need at their levels:
/// by weak duality the prices of the step prove it. What the remaining classes can have without those GPUs is their cap from then on, so
/// there are about as many steps as types.
/// </remarks>
internal sealed class MaxMinShares(SharingProblem problem)
{
    private readonly LevelSearch _search = new(problem);

    /// <summary>Shape [classes, types]; shares in [0, 1], rows sum to at most 1.</summary>
    public double[] Shares { get; } = new double[problem.Rows * problem.Types];

    /// <summary>The height at which the first classes had to stay: the optimum of max-min proper. Infinite without classes.</summary>
    public double FirstHeight { get; private set; } = double.PositiveInfinity;

    /// <summary>No height above this was possible; equal to <see cref="FirstHeight"/> up to rounding.</summary>
    public double FirstBound { get; private set; } = double.PositiveInfinity;

    /// <summary>Shape [types]; prices that prove the bound.</summary>
    public double[] FirstPrices { get; private set; } = [];

    /// <summary>How often prices were tried.</summary>
    public long Trials => _search.Trials;

    /// <summary>Prices of the last solve, to begin the next with.</summary>
    public List<double[]> WarmPrices { get; } = [];

    /// <summary>Steps of the water.</summary>
    public int Steps { get; private set; }

    /// <summary>Solves.</summary>
    /// <param name="rising">What each class gets as the water rises; 0 at height 0.</param>
    /// <param name="warm">Prices of an earlier, similar problem; empty: none.</param>
    /// <param name="stepsMax">Water steps before the rest is left as it is; the first alone gives the plain max-min optimum.</param>
    /// <param name="between">Called after each step with who still rises, for those who change how fast; then each cap ends a step.</param>
    /// <exception cref="SolverTroubleException">Rounding kept bound and value apart.</exception>
    public void Solve(LevelFunction rising, IReadOnlyList<double[]> warm, int stepsMax = 64, Action<SteppedLevels>? between = null)
    {
        var levels = new SteppedLevels(rising, problem.Rows);
        for (var row = 0; row < problem.Rows; row++)
            (levels.Cap[row], levels.Rises[row]) = (problem.Best[row], problem.Best[row] > 0);
        var (used, prices) = (new double[problem.Types], new List<double[]>(warm));
        for (Steps = 0; Steps < stepsMax; Steps++)
        {
            var high = High(levels, rising, nearest: between is not null);
            if (high <= levels.From && between is null)
                return;
            if (high == double.NegativeInfinity)
                return;
            if (TryStep(levels, Math.Max(high, levels.From), ref used, prices) is not { } reached)
                return;
            Stop(levels, rising, reached);
            between?.Invoke(levels);
        }
    }

    /// <summary>The height at which the last class has its cap, or the first; minus infinity where nobody rises.</summary>
    private double High(SteppedLevels levels, LevelFunction rising, bool nearest)
    {
        var high = double.NegativeInfinity;
        for (var row = 0; row < problem.Rows; row++)
            if (levels.Rises[row] && rising.Grows(row) && rising.HeightOf(row, levels.Cap[row]) is var height)
                high = high == double.NegativeInfinity || (nearest ? height < high : height > high) ? height : high;
        return high;
    }

    /// <summary>A step, again without prices of old where those led astray. Null: a later step failed, and what there is stands.</summary>
    private LevelAnswer? TryStep(SteppedLevels levels, double high, ref double[] used, List<double[]> prices)
    {
        try
        {
            return Step(levels, high, ref used, prices);
        }
        catch (SolverTroubleException) when (Steps > 0 || prices.Count > 0)
        {
            if (Steps > 0)
                return null;
        }

        prices.Clear();
        return Step(levels, high, ref used, prices);
    }

    /// <summary>One step: find the height with caps in force, then the shares at that height.</summary>
    private LevelAnswer Step(SteppedLevels levels, double high, ref double[] used, List<double[]> prices)
    {
        levels.To = null;
        levels.Begin();
        var bound = _search.Raise(levels, levels.From, high, used, prices);
        var target = bound.Bound;
        if (bound.Parts is [(_, 1.0)] && bound.Height >= high)
            target = high;
        prices.Clear();
        Keep(bound, prices);
        var answer = Descend(levels, bound, target, used, prices);
        if (Steps == 0)
            Report(levels, answer, prices);
        Apply(answer, levels, ref used);
        return answer;
    }

    /// <summary>
    /// Goes straight to a target where classes meet their caps. What cannot be reached on the straight way cannot be reached at all, since
    /// levels under caps lie above it: so its bound is the next target.
    /// </summary>
    private LevelAnswer Descend(SteppedLevels levels, LevelAnswer proof, double target, double[] used, List<double[]> prices)
    {
        for (var i = 0; i < SolverLimits.DescentsMax; i++)
        {
            levels.To = target;
            var answer = _search.Raise(levels, levels.From, target, used, prices);
            prices.Clear();
            Keep(answer, prices);
            if (answer.Bound < target)
                proof = answer;
            if (target - answer.Height <= SolverLimits.GapMax * (target - levels.From))
            {
                (answer.Prices, answer.Bound) = (proof.Prices, proof.Bound);
                return answer;
            }

            target = answer.Bound;
            if (target - levels.From <= SolverLimits.Gap * Math.Max(Math.Abs(target), answer.High - levels.From))
                return Nowhere(levels, proof);
        }

        return Bisect(levels, target, used, prices);
    }

    /// <summary>The proof that there is no way up from here.</summary>
    private static LevelAnswer Nowhere(SteppedLevels levels, LevelAnswer proof)
    {
        levels.To = levels.From;
        return new LevelAnswer(levels.From, levels.From, proof.Prices);
    }

    private void Report(SteppedLevels levels, LevelAnswer answer, List<double[]> prices)
    {
        WarmPrices.Clear();
        WarmPrices.AddRange(prices);
        FirstHeight = answer.Height;
        FirstBound = answer.Bound;
        FirstPrices = answer.Prices;
        for (var row = 0; row < problem.Rows; row++)
            if (levels.Rises[row] && levels.HeightOf(row, levels.Cap[row]) is var cap && cap < FirstHeight)
                (FirstHeight, FirstBound) = (cap, cap);
    }

    /// <summary>With caps in force the height is no convex matter; where cuts do not close, halving does.</summary>
    private LevelAnswer Bisect(SteppedLevels levels, double high, double[] used, List<double[]> prices)
    {
        var low = levels.From;
        var (best, proof) = (default(LevelAnswer), default(LevelAnswer));
        for (var i = 0; i < 60 && high - low > 1e-9 * Math.Max(Math.Abs(high), high - levels.From); i++)
        {
            var middle = 0.5 * (low + high);
            levels.To = middle;
            var answer = _search.Raise(levels, levels.From, middle, used, prices);
            if (answer.Height >= middle - 1e-10 * (middle - levels.From))
                (low, best) = (middle, answer);
            else
                (high, proof) = (middle, answer);
        }

        if (best is null)
            return Nowhere(levels, proof ?? throw new SolverTroubleException(
                $"max-min over {problem.Rows} classes and {problem.Types} types: neither a step up from height {levels.From} nor a proof against one"));
        levels.To = best.High;
        best.Prices = proof?.Prices ?? best.Prices;
        return best;
    }

    private void Apply(LevelAnswer answer, SteppedLevels levels, ref double[] used)
    {
        var rest = answer.WeightOfBeginning;
        for (var i = 0; i < Shares.Length; i++)
            Shares[i] *= rest;
        var usage = new double[problem.Types];
        for (var type = 0; type < used.Length; type++)
            usage[type] = used[type] * rest;
        _search.Compose(answer, levels, Shares, usage);
        used = Fit(usage);
    }

    /// <summary>Takes back what rounding gave above the capacity.</summary>
    private double[] Fit(double[] usage)
    {
        for (var type = 0; type < usage.Length; type++)
            if (usage[type] > problem.Capacity[type])
            {
                for (var row = 0; row < problem.Rows; row++)
                    Shares[row * problem.Types + type] *= problem.Capacity[type] / usage[type];
                usage[type] = problem.Capacity[type];
            }

        return usage;
    }

    /// <summary>Who has reached its cap stays; who cannot rise without priced GPUs stays; the others may have what is free.</summary>
    private void Stop(SteppedLevels levels, LevelFunction rising, LevelAnswer answer)
    {
        var to = levels.To!.Value;
        var (level, slope) = (new double[problem.Rows], new double[problem.Rows]);
        levels.At(to, level, slope);
        _search.Curves.Build(answer.Prices);
        var (steepest, any) = (-1, false);
        var best = 0.0;
        for (var row = 0; row < problem.Rows; row++)
        {
            if (!levels.Rises[row])
                continue;
            levels.Before[row] = level[row];
            if (!rising.Grows(row))
            {
                levels.Cap[row] = Math.Min(levels.Cap[row], Math.Max(level[row], _search.Curves.FreeLevel(row, 0)));
                continue;
            }

            var free = Math.Min(levels.Cap[row], _search.Curves.FreeLevel(row, 0));
            if (rising.HeightOf(row, levels.Cap[row]) <= to * (1 + 1e-12) || free <= level[row] * (1 + 1e-9))
            {
                (levels.Rises[row], any) = (false, true);
                continue;
            }

            levels.Cap[row] = free;
            if (_search.Curves.SteepnessAbove(row, level[row]) is var steep && (steepest < 0 || steep > best))
                (best, steepest) = (steep, row);
        }

        if (!any && steepest >= 0)
            levels.Rises[steepest] = false;
        levels.From = to;
    }

    private void Keep(LevelAnswer answer, List<double[]> prices)
    {
        prices.Add(answer.Prices);
        foreach (var (index, _) in answer.Parts)
            if (prices.Count <= problem.Types + 1 && !ReferenceEquals(answer.Tried[index].Prices, answer.Prices))
                prices.Add(answer.Tried[index].Prices);
    }
}
