namespace Muster.Cli.Sim;

/// <summary>Means and how sure they are.</summary>
internal static class Statistics
{
    // Two-sided 95 % quantiles of Student's distribution for 1 to 30 degrees of freedom.
    private static readonly double[] s_student =
    [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ];

    /// <summary>The mean, and half the width of its 95 % confidence interval; NaN for fewer than two values.</summary>
    public static (double Mean, double Half) Interval(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
            return (double.NaN, double.NaN);
        var mean = values.Average();
        if (values.Count == 1)
            return (mean, double.NaN);
        var variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
        var quantile = values.Count - 1 <= s_student.Length ? s_student[values.Count - 2] : 1.96;
        return (mean, quantile * Math.Sqrt(variance / values.Count));
    }
}
