namespace Muster.Worker.Reports;

/// <summary>One metric of one report; values of the same report share its number.</summary>
internal readonly record struct MetricValue(long Report, long Step, string Name, double Value);

/// <summary>Reports that wait to be sent: allocated once, written by the loop, drained by the sender.</summary>
/// <remarks>When full, the oldest report goes: what is new says more about a run than what is old.</remarks>
internal sealed class ReportRing(int capacity)
{
    private readonly MetricValue[] _values = new MetricValue[capacity];
    private readonly Lock _lock = new();
    private long _report;
    private long _head;      // next to drain
    private long _tail;      // next to write
    private long _dropped;

    /// <summary>Reports dropped so far because the ring was full.</summary>
    public long Dropped
    {
        get
        {
            lock (_lock)
                return _dropped;
        }
    }

    /// <summary>Adds one report. Blocks for no longer than a copy of a batch takes.</summary>
    /// <exception cref="ArgumentException">More metrics in one report than the ring holds.</exception>
    public void Add(long step, ReadOnlySpan<(string Name, double Value)> metrics)
    {
        if (metrics.Length > _values.Length)
            throw new ArgumentException($"A report holds at most {_values.Length} metrics; this one has {metrics.Length}.", nameof(metrics));
        lock (_lock)
        {
            while (_tail - _head + metrics.Length > _values.Length)
                DropOldest();
            _report++;
            foreach (var (name, value) in metrics)
                _values[_tail++ % _values.Length] = new MetricValue(_report, step, name, value);
        }
    }

    /// <summary>Takes the oldest values into <paramref name="into"/> and says how many.</summary>
    /// <remarks>A report may be divided between two calls; the reader joins equal numbers.</remarks>
    public int Drain(Span<MetricValue> into)
    {
        lock (_lock)
        {
            var count = (int)Math.Min(_tail - _head, into.Length);
            for (var i = 0; i < count; i++)
                into[i] = _values[_head++ % _values.Length];
            return count;
        }
    }

    private void DropOldest()
    {
        var report = _values[_head % _values.Length].Report;
        while (_head < _tail && _values[_head % _values.Length].Report == report)
            _head++;
        _dropped++;
    }
}
