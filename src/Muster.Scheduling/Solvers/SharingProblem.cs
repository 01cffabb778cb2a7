namespace Muster.Scheduling.Solvers;

/// <summary>Classes of equal jobs that share the GPUs of a few types. Rows are classes, columns are types.</summary>
/// <remarks>A share vector x of a class has x ≥ 0 and Σx ≤ 1; it brings Rate·x and takes Use·x GPUs of the types.</remarks>
internal sealed class SharingProblem
{
    private readonly int[] _byRate;

    /// <summary>Keeps the arrays.</summary>
    /// <param name="rate">Shape [classes, types], row-major; what a whole share brings one job; 0 means it cannot run there.</param>
    /// <param name="use">Shape [classes]; GPUs that a whole share of every job of the class takes.</param>
    /// <param name="capacity">Shape [types]; GPUs, positive.</param>
    /// <exception cref="SolverTroubleException">An entry is negative or not finite.</exception>
    public SharingProblem(double[] rate, double[] use, double[] capacity)
    {
        (Rate, Use, Capacity, Rows, Types) = (rate, use, capacity, use.Length, capacity.Length);
        _byRate = new int[rate.Length];
        Best = new double[Rows];
        for (var row = 0; row < Rows; row++)
        {
            if (!(use[row] > 0) || !double.IsFinite(use[row]))
                throw new SolverTroubleException($"class {row} of {Rows} uses {use[row]} GPUs");
            SortRow(row);
        }
    }

    public double[] Rate { get; }

    public double[] Use { get; }

    public double[] Capacity { get; }

    public int Rows { get; }

    public int Types { get; }

    /// <summary>The highest rate of each class.</summary>
    public double[] Best { get; }

    /// <summary>The types of a row by growing rate.</summary>
    public ReadOnlySpan<int> ByRate(int row) => _byRate.AsSpan(row * Types, Types);

    private void SortRow(int row)
    {
        var order = _byRate.AsSpan(row * Types, Types);
        var rates = Rate.AsSpan(row * Types, Types);
        for (var type = 0; type < Types; type++)
        {
            if (!(rates[type] >= 0) || !double.IsFinite(rates[type]))
                throw new SolverTroubleException($"class {row} of {Rows}: rate {rates[type]} on type {type} is not a finite number, 0 or more");
            var at = type;
            for (; at > 0 && rates[order[at - 1]] > rates[type]; at--)
                order[at] = order[at - 1];
            order[at] = type;
        }

        Best[row] = rates[order[^1]];
    }
}
