using System.Globalization;

namespace Muster.Codecs.JobFile;

/// <summary>Durations, sizes and signals as people write them.</summary>
public static class Quantities
{
    private static readonly (string Unit, TimeSpan Length)[] s_durations =
    [
        ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)), ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    private static readonly (string Unit, long Bytes)[] s_sizes =
    [
        ("TiB", 1L << 40), ("TB", 1_000_000_000_000), ("GiB", 1L << 30), ("GB", 1_000_000_000),
        ("MiB", 1L << 20), ("MB", 1_000_000), ("KiB", 1L << 10), ("KB", 1_000), ("B", 1),
    ];

    private static readonly (string Name, int Number)[] s_signals =
        [("SIGHUP", 1), ("SIGINT", 2), ("SIGQUIT", 3), ("SIGKILL", 9), ("SIGUSR1", 10), ("SIGUSR2", 12), ("SIGTERM", 15)];

    /// <summary>Reads a whole number and a unit: ms, s, m, h or d.</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        if (!TrySplit(text, out var number, out var unit))
            return false;
        var length = Array.Find(s_durations, known => known.Unit == unit).Length;
        if (length == default || number > TimeSpan.MaxValue.Ticks / length.Ticks)
            return false;
        duration = length * number;
        return true;
    }

    /// <summary>A duration in the largest unit that divides it; whole milliseconds.</summary>
    public static string Write(TimeSpan duration)
    {
        foreach (var (unit, length) in s_durations)
        {
            if (duration.Ticks % length.Ticks == 0 && (duration != TimeSpan.Zero || unit == "s"))
                return $"{duration.Ticks / length.Ticks}{unit}";
        }

        return $"{duration.Ticks / TimeSpan.TicksPerMillisecond}ms";
    }

    /// <summary>Reads a whole number and a unit: B, KB, MB, GB, TB (thousands) or KiB, MiB, GiB, TiB; without unit: bytes.</summary>
    public static bool TrySize(string text, out long bytes)
    {
        bytes = 0;
        if (!TrySplit(text, out var number, out var unit))
            return false;
        var factor = unit.Length == 0 ? 1 : Array.Find(s_sizes, known => known.Unit == unit).Bytes;
        if (factor == 0 || number > long.MaxValue / factor)
            return false;
        bytes = number * factor;
        return true;
    }

    /// <summary>A size in the largest unit that divides it.</summary>
    public static string WriteSize(long bytes)
    {
        var (unit, factor) = s_sizes.First(known => bytes % known.Bytes == 0 && (bytes != 0 || known.Unit == "B"));
        return $"{bytes / factor}{unit}";
    }

    /// <summary>Reads a signal's name, with or without SIG, or its number from 1 to 64.</summary>
    public static bool TrySignal(string text, out int signal)
    {
        var named = Array.Find(s_signals, known => known.Name == text || known.Name == $"SIG{text}");
        signal = named.Number;
        return signal != 0 || (TrySplit(text, out var number, out var unit) && unit.Length == 0 && (signal = (int)Math.Min(number, 65)) is >= 1 and <= 64);
    }

    /// <summary>A signal's name where it has a common one, else its number.</summary>
    public static string WriteSignal(int signal) =>
        Array.Find(s_signals, known => known.Number == signal).Name ?? signal.ToString(CultureInfo.InvariantCulture);

    private static bool TrySplit(string text, out long number, out string unit)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        unit = text[digits..];
        number = 0;
        return digits > 0 && long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
