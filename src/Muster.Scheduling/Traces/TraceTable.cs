namespace Muster.Scheduling.Traces;

/// <summary>Comma-separated values with a header: columns by name.</summary>
internal sealed class TraceTable
{
    private readonly string _file;
    private readonly string[] _names;

    public TraceTable(string text, string file)
    {
        (_file, Lines) = (file, new TraceLines(text, file, ','));
        if (!Lines.Next())
            throw new SchedulingInputException(file, 1, 1, "the file is empty; its first line names the columns");
        _names = [.. Lines.Fields.Select(field => field.Text.Trim().ToLowerInvariant())];
    }

    public TraceLines Lines { get; }

    /// <summary>The first column with one of the names, or -1.</summary>
    public int Find(params string[] names) => Array.FindIndex(_names, name => names.Contains(name));

    public int Require(params string[] names) => Find(names) is >= 0 and var found ? found
        : throw new SchedulingInputException(_file, 1, 1, $"no column '{names[0]}'; there are {string.Join(", ", _names)}");

    /// <summary>Goes to the next line, which has as many fields as the header.</summary>
    public bool Next()
    {
        if (!Lines.Next())
            return false;
        return Lines.Fields.Count == _names.Length ? true
            : throw Lines.Wrong(Lines.Fields.Count, $"{Lines.Fields.Count} fields where the header has {_names.Length}: is the file cut off?");
    }

    /// <summary>A number that may be absent: an empty field, or no such column.</summary>
    public double? Maybe(int column, double low = 0) =>
        column < 0 || Lines.Fields[column].Text.Length == 0 ? null : Lines.Number(column, low, double.MaxValue);
}
