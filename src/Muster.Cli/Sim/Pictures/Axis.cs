namespace Muster.Cli.Sim.Pictures;

/// <summary>Maps values to places, with round numbers for ticks.</summary>
internal sealed class Axis
{
    private readonly double _low;
    private readonly double _high;
    private readonly double _from;
    private readonly double _to;
    private readonly bool _log;

    public Axis(IEnumerable<double> values, bool log, double? max, double from, double to)
    {
        (_from, _to, _log) = (from, to, log);
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
            if (!log || value > 0)
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low > high)
            (low, high) = (1, 10);
        high = max ?? high;
        if (log)
            (_low, _high) = (Math.Pow(10, Math.Floor(Math.Log10(low) + 1e-9)), Math.Pow(10, Math.Max(Math.Ceiling(Math.Log10(high) - 1e-9), Math.Floor(Math.Log10(low) + 1e-9) + 1)));
        else
            (_low, _high) = low >= 0 && low < high * 0.6 ? (0, high > 0 ? high : 1) : (low, high > low ? high : low + 1);
        Ticks = log ? Decades() : Round();
    }

    public IReadOnlyList<double> Ticks { get; }

    public double At(double value)
    {
        var part = _log ? Math.Log10(Math.Max(value, _low) / _low) / Math.Log10(_high / _low) : (value - _low) / (_high - _low);
        return _from + Math.Clamp(part, 0, 1) * (_to - _from);
    }

    private List<double> Decades()
    {
        var ticks = new List<double>();
        for (var at = _low; at <= _high * 1.0001; at *= 10)
            ticks.Add(at);
        return ticks;
    }

    private List<double> Round()
    {
        var raw = (_high - _low) / 6;
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var step = power * (raw / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        var ticks = new List<double>();
        for (var at = Math.Ceiling(_low / step - 1e-9) * step; at <= _high + step * 1e-6; at += step)
            ticks.Add(Math.Round(at, 10));
        return ticks;
    }
}
