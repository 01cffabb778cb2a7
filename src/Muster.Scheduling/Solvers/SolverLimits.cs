namespace Muster.Scheduling.Solvers;

/// <summary>Where solvers give up, and what counts as equal.</summary>
internal static class SolverLimits
{
    /// <summary>Relative distance between a feasible value and the bound on all values, at which both count as the optimum.</summary>
    public const double Gap = 1e-10;

    /// <summary>The same, for what is still vouched for when rounding stops progress; above it a solver reports trouble.</summary>
    public const double GapMax = 1e-7;

    /// <summary>Price vectors tried for one level.</summary>
    public const int PricesMax = 400;

    /// <summary>Targets tried for one step of the water before halving.</summary>
    public const int DescentsMax = 30;

    /// <summary>Pivots per row and column of a linear program.</summary>
    public const int PivotsPerLine = 60;

    /// <summary>Pivots between two inversions from scratch.</summary>
    public const int PivotsPerInversion = 100;

    /// <summary>Values below count as zero, relative to the largest of their row.</summary>
    public const double Zero = 1e-11;
}
