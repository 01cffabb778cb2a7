using System.Globalization;

namespace Muster.Scheduling.Traces;

/// <summary>Walks the lines of a trace and knows where it is when something is wrong.</summary>
internal sealed class TraceLines(string text, string file, char separator)
{
    public const int GpusMax = 65_536;
    private readonly List<(string Text, int Column)> _fields = [];
    private int _position;
    private int _line;

    public IReadOnlyList<(string Text, int Column)> Fields => _fields;

    /// <summary>Goes to the next line that is not empty.</summary>
    public bool Next()
    {
        while (_position < text.Length)
        {
            var end = text.IndexOf('\n', _position);
            end = end < 0 ? text.Length : end;
            var line = text[_position..end].TrimEnd('\r');
            _position = end + 1;
            _line++;
            if (line.Length == 0)
                continue;
            Split(line);
            return true;
        }

        return false;
    }

    public string Text(int field) => _fields[field].Text.Length > 0 ? _fields[field].Text : throw Wrong(field, "nothing where a name belongs");

    public double Number(int field, double low, double high)
    {
        var written = _fields[field].Text;
        if (double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high)
            return value;
        throw Wrong(field, low == double.MinValue ? $"'{written}' is not a number"
            : low > 0 ? $"'{written}' is not a positive number" : $"'{written}' is not a number of at least {low.ToString(CultureInfo.InvariantCulture)}");
    }

    public int Whole(int field, int low, int high) =>
        int.TryParse(_fields[field].Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high
            ? value : throw Wrong(field, $"'{_fields[field].Text}' is not a whole number from {low} to {high}");

    /// <summary>An arrival, which is never before that of the line above.</summary>
    public double Arrival(int field, List<TraceJob> before)
    {
        var value = Number(field, 0, double.MaxValue);
        if (before.Count > 0 && value < before[^1].ArrivalSeconds)
            throw Wrong(field, "arrives before the job of the line above: sort the trace by arrival");
        return value;
    }

    public SchedulingInputException Wrong(int field, string message) =>
        new(file, _line, field < _fields.Count ? _fields[field].Column : _fields[^1].Column + _fields[^1].Text.Length, message);

    /// <summary>Quoted fields may hold the separator; a quote within is doubled.</summary>
    private void Split(string line)
    {
        _fields.Clear();
        for (var at = 0; at <= line.Length;)
        {
            if (separator == ',' && at < line.Length && line[at] == '"')
            {
                var close = at + 1;
                while (close < line.Length && (line[close] != '"' || (close + 1 < line.Length && line[close + 1] == '"')))
                    close += line[close] == '"' ? 2 : 1;
                _fields.Add((line[(at + 1)..Math.Min(close, line.Length)].Replace("\"\"", "\""), at + 1));
                at = close + 2;
                continue;
            }

            var end = line.IndexOf(separator, at);
            end = end < 0 ? line.Length : end;
            _fields.Add((line[at..end], at + 1));
            at = end + 1;
        }
    }
}
