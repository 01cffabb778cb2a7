namespace Muster.Scheduling.Solvers;

/// <summary>Shares of the highest total value, where some classes need a least level: prices of the types, cut by cut.</summary>
/// <remarks>
/// For given prices each class chooses alone: a type, a mix of two, or idleness. Those choices are columns of a small linear program whose
/// duals are the next prices (Dantzig and Wolfe, 1960); value and bound meet at the optimum.
/// </remarks>
internal sealed class BestShares(SharingProblem problem, double[] value, double[] least)
{
    private readonly double[] _shares = new double[problem.Rows * problem.Types];

    /// <summary>The optimum.</summary>
    public double Value { get; private set; }

    /// <summary>No shares have a higher value.</summary>
    public double Bound { get; private set; } = double.PositiveInfinity;

    /// <summary>Shape [classes, types]; shares in [0, 1].</summary>
    public double[] Shares { get; } = new double[problem.Rows * problem.Types];

    /// <summary>Solves from a feasible point.</summary>
    /// <param name="feasible">Shape [classes, types]; shares that meet every least level within the capacity.</param>
    /// <exception cref="SolverTroubleException">Rounding kept bound and value apart.</exception>
    public void Solve(double[] feasible)
    {
        var (worth, used) = Measure(feasible);
        var rhs = new double[problem.Types + 1];
        for (var type = 0; type < problem.Types; type++)
            rhs[type] = Math.Max(0, 1 - used[type] / problem.Capacity[type]);
        rhs[^1] = 1;
        var master = new RevisedSimplex(rhs);
        var tried = new List<double[]>();
        var prices = new double[problem.Types];
        var scale = Math.Max(Scale(), double.Epsilon * 1e16);
        for (var i = 0; ; i++)
        {
            var bound = Choose(prices);
            Bound = Math.Min(Bound, bound);
            tried.Add([.. _shares]);
            AddColumn(master, worth, used, scale);
            master.Solve();
            Value = worth + master.Objective * scale;
            if (Bound - Value <= SolverLimits.Gap * scale)
                break;
            if (i >= SolverLimits.PricesMax)
            {
                if (Bound - Value <= SolverLimits.GapMax * scale)
                    break;
                throw new SolverTroubleException($"value over {problem.Rows} classes and {problem.Types} types: {Value} and its bound {Bound} do not meet");
            }

            for (var type = 0; type < prices.Length; type++)
                prices[type] = Math.Max(0, master.Duals[type]) * scale / problem.Capacity[type];
        }

        Compose(master, tried, feasible);
    }

    /// <summary>What the values are about: the sum of what each class could bring or cost.</summary>
    private double Scale()
    {
        var sum = 0.0;
        for (var row = 0; row < problem.Rows; row++)
        {
            var largest = 0.0;
            for (var type = 0; type < problem.Types; type++)
                largest = Math.Max(largest, Math.Abs(value[row * problem.Types + type]));
            sum += largest;
        }

        return sum;
    }

    private void Compose(RevisedSimplex master, List<double[]> tried, double[] feasible)
    {
        Array.Clear(Shares);
        var rest = 1.0;
        foreach (var (column, weight) in master.Solution())
        {
            rest -= weight;
            for (var i = 0; i < Shares.Length; i++)
                Shares[i] += weight * tried[column][i];
        }

        for (var i = 0; i < Shares.Length; i++)
            Shares[i] = Math.Clamp(Shares[i] + Math.Max(0, rest) * feasible[i], 0, 1);
    }

    private void AddColumn(RevisedSimplex master, double worth, double[] used, double scale)
    {
        var (own, usage) = Measure(_shares);
        var (rows, values) = (new int[problem.Types + 1], new double[problem.Types + 1]);
        for (var type = 0; type < problem.Types; type++)
            (rows[type], values[type]) = (type, (usage[type] - used[type]) / problem.Capacity[type]);
        (rows[^1], values[^1]) = (problem.Types, 1);
        master.Add((own - worth) / scale, rows, values);
    }

    private (double Worth, double[] Used) Measure(double[] shares)
    {
        var (worth, used) = (0.0, new double[problem.Types]);
        for (var row = 0; row < problem.Rows; row++)
            for (var type = 0; type < problem.Types; type++)
            {
                worth += value[row * problem.Types + type] * shares[row * problem.Types + type];
                used[type] += problem.Use[row] * shares[row * problem.Types + type];
            }

        return (worth, used);
    }

    /// <summary>Every class's best choice at these prices; returns the bound that they prove.</summary>
    private double Choose(double[] prices)
    {
        Array.Clear(_shares);
        var bound = 0.0;
        for (var type = 0; type < problem.Types; type++)
            bound += prices[type] * problem.Capacity[type];
        for (var row = 0; row < problem.Rows; row++)
            bound += Choose(row, prices);
        return bound;
    }

    /// <summary>The corners of a class's polygon: idleness, one type, or two types that just meet its level; the best of them.</summary>
    private double Choose(int row, double[] prices)
    {
        var (types, at) = (problem.Types, row * problem.Types);
        var need = Math.Min(least[row], problem.Best[row]);
        var (best, first, second, part) = (need <= 0 ? 0 : double.NegativeInfinity, -1, -1, 0.0);
        for (var a = 0; a < types; a++)
        {
            var rateA = problem.Rate[at + a];
            var gainA = value[at + a] - problem.Use[row] * prices[a];
            if (rateA <= 0 || rateA < need)
                continue;
            var full = gainA >= 0 ? 1 : need / rateA;
            if (gainA * full > best)
                (best, first, second, part) = (gainA * full, a, -1, full);
            for (var b = 0; b < types; b++)
            {
                var rateB = problem.Rate[at + b];
                var gainB = value[at + b] - problem.Use[row] * prices[b];
                if (rateB >= need || rateB <= 0)
                    continue;
                var share = (need - rateB) / (rateA - rateB);
                if (share * gainA + (1 - share) * gainB > best)
                    (best, first, second, part) = (share * gainA + (1 - share) * gainB, a, b, share);
            }
        }

        for (var b = 0; need <= 0 && b < types; b++)
            if (problem.Rate[at + b] > 0 && value[at + b] - problem.Use[row] * prices[b] is var gain && gain > best)
                (best, first, second, part) = (gain, b, -1, 1);
        if (first >= 0)
            _shares[at + first] = part;
        if (second >= 0)
            _shares[at + second] = 1 - part;
        return double.IsNegativeInfinity(best) ? 0 : best;
    }
}
