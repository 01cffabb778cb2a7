using System.Globalization;

namespace Muster.Network.Http.Protocol;

/// <summary>How long a caller waits, as the header <c>grpc-timeout</c>: at most eight digits and a unit.</summary>
/// <remarks>Source: gRPC over HTTP2, "Timeout".</remarks>
internal static class TimeoutText
{
    private const long NumberMax = 99_999_999;

    // The smallest unit comes first: the first that fits is the most exact.
    private static readonly (char Unit, double PerTick)[] s_units =
    [
        ('u', 1.0 / TimeSpan.TicksPerMicrosecond), ('m', 1.0 / TimeSpan.TicksPerMillisecond),
        ('S', 1.0 / TimeSpan.TicksPerSecond), ('M', 1.0 / TimeSpan.TicksPerMinute), ('H', 1.0 / TimeSpan.TicksPerHour),
    ];

    public static string Encode(TimeSpan timeout)
    {
        foreach (var (unit, perTick) in s_units)
        {
            var number = (long)Math.Ceiling(Math.Max(0, timeout.Ticks) * perTick);
            if (number <= NumberMax)
                return number.ToString(CultureInfo.InvariantCulture) + unit;
        }

        return NumberMax.ToString(CultureInfo.InvariantCulture) + 'H';
    }

    public static bool TryDecode(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9 || !long.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        var ticks = text[^1] switch
        {
            'n' => number / 100.0,
            'u' => number * (double)TimeSpan.TicksPerMicrosecond,
            'm' => number * (double)TimeSpan.TicksPerMillisecond,
            'S' => number * (double)TimeSpan.TicksPerSecond,
            'M' => number * (double)TimeSpan.TicksPerMinute,
            'H' => number * (double)TimeSpan.TicksPerHour,
            _ => -1,
        };
        timeout = TimeSpan.FromTicks((long)Math.Min(ticks, TimeSpan.FromDays(365 * 100).Ticks));
        return ticks >= 0;
    }
}
