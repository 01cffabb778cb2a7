using System.Collections.Immutable;
using System.Globalization;
using Muster.Jobs.Specification;

namespace Muster.Codecs.JobFile;

/// <summary>Reads the value of one key; what is wrong becomes an error and the field keeps its default.</summary>
internal sealed class FieldReader(string key, YamlNode node, JobFileErrors errors, IReadOnlyDictionary<string, string> parameters, JobFileOptions options)
{
    public JobFileOptions Options => options;

    public bool IsNull => node is YamlNode.Scalar { IsNull: true };

    public YamlNode Node => node;

    /// <summary>Adds an error at the value.</summary>
    public void Error(string text, YamlNode? at = null) => errors.Add((at ?? node).Place, $"{key} {text}");

    public string? Text(YamlNode? at = null)
    {
        at ??= node;
        if (at is not YamlNode.Scalar { IsNull: false } scalar)
            Error($"is {at.Kind}, and must be a single value", at);
        else if (!Characters.IsWellFormed(scalar.Text))
            Error("holds a character that no program can be given", at);
        else
            return scalar.Text;
        return null;
    }

    /// <summary>A text with parameters replaced.</summary>
    public string? Replaced(YamlNode? at = null) => Text(at) is { } text ? Replaced(text, at ?? node) : null;

    public string Replaced(string text, YamlNode at) => Parameters.Replace(text, parameters, name =>
        Error(name.Length == 0
            ? "has a ${ without its }: close it, or write $${ for the characters themselves"
            : $"uses the unknown parameter {Quoted.Short(name)}: define it under set{Nearest.Hint(name, parameters.Keys)}", at));

    public long? Whole(long low, long high, string unit = "")
    {
        if (Text() is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= low && number <= high)
            return number;
        Error($"is {Quoted.Short(text)}, and must be a whole number from {low} to {high}{unit}");
        return null;
    }

    public double? Real(double low, double high)
    {
        if (Text() is not { } text)
            return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= low && number <= high)
            return number;
        Error(string.Create(CultureInfo.InvariantCulture, $"is {Quoted.Short(text)}, and must be a number from {low} to {high}"));
        return null;
    }

    public TimeSpan? Duration(TimeSpan low, string? text = null)
    {
        text ??= Text();
        if (text is null)
            return null;
        if (Quantities.TryDuration(text, out var duration) && duration >= low && duration <= JobFileLimits.DurationMax)
            return duration;
        Error($"is {Quoted.Short(text)}, and must be a duration such as 500ms, 30s, 10m, 2h or 3d, from {Quantities.Write(low)} to {Quantities.Write(JobFileLimits.DurationMax)}");
        return null;
    }

    public (TimeSpan Low, TimeSpan High)? Durations()
    {
        if (Text() is not { } text)
            return null;
        var parts = text.Split("..");
        if (parts.Length > 2)
            Error($"is {Quoted.Short(text)}, and must be a duration or a range such as 1s..1m");
        else if (Duration(TimeSpan.Zero, parts[0]) is { } low && Duration(TimeSpan.Zero, parts[^1]) is { } high)
        {
            if (low <= high)
                return (low, high);
            Error($"is {Quoted.Short(text)}, whose end is before its beginning: swap them");
        }

        return null;
    }

    public (int Low, int High)? Range(int low, int high)
    {
        if (Text() is not { } text)
            return null;
        var parts = text.Split("..");
        if (parts.Length <= 2
            && int.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(parts[^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var last)
            && low <= first && first <= last && last <= high)
            return (first, last);
        Error($"is {Quoted.Short(text)}, and must be a whole number or a range such as 1..4, from {low} to {high}");
        return null;
    }

    public T? Word<T>(params ReadOnlySpan<(string Word, T Value)> words)
        where T : struct
    {
        if (Text() is not { } text)
            return null;
        foreach (var (word, value) in words)
        {
            if (word == text)
                return value;
        }

        var known = words.ToArray().Select(word => word.Word).ToList();
        Error($"is {Quoted.Short(text)}, and must be {string.Join(" or ", known)}{Nearest.Hint(text, known)}");
        return null;
    }

    /// <summary>The items of a list; a single value is a list of one.</summary>
    public IReadOnlyList<YamlNode> Items()
    {
        if (node is YamlNode.Scalar { IsNull: false })
            return [node];
        if (node is YamlNode.Sequence list && list.Items.Count <= JobFileLimits.EntriesMax)
            return list.Items;
        Error(node is YamlNode.Sequence ? $"has more than {JobFileLimits.EntriesMax} entries" : $"is {node.Kind}, and must be a list");
        return [];
    }

    public ImmutableArray<AcceleratorRequest> Accelerators()
    {
        var found = ImmutableArray.CreateBuilder<AcceleratorRequest>();
        foreach (var item in Items())
        {
            if (Text(item) is not { } text)
                continue;
            var parts = text.Split(':');
            var count = 1;
            if (parts.Length > 2 || parts[0].Length == 0 || !parts[0].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
                || (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out count))
                || count < 1 || count > JobFileLimits.AcceleratorsMax)
                Error($"has {Quoted.Short(text)}, and each must be TYPE:COUNT such as H100:8, with 1 to {JobFileLimits.AcceleratorsMax} of them", item);
            else
                found.Add(new(parts[0], count));
        }

        return found.ToImmutable();
    }
}
