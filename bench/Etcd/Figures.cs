using System.Globalization;

namespace Muster.Bench.Etcd;

/// <summary>What was measured, as one line.</summary>
internal static class Figures
{
    public static string Line(IEnumerable<double> latencies, double seconds)
    {
        var sorted = latencies.Order().ToList();
        return string.Create(CultureInfo.InvariantCulture,
            $$"""{"calls": {{sorted.Count}}, "seconds": {{seconds:0.0000}}, "p50": {{sorted[sorted.Count / 2]:0.000000}}, "p99": {{sorted[sorted.Count * 99 / 100]:0.000000}}}""");
    }
}
