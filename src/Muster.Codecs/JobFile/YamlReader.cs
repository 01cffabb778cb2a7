using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Muster.Codecs.JobFile;

/// <summary>Reads the part of YAML that job files use: maps, lists and scalars of one document.</summary>
/// <remarks>Anchors, aliases and tags are refused: they say twice what can be said once, and aliases can blow up.</remarks>
internal sealed class YamlReader(string text, JobFileErrors errors, string? source = null)
{
    private readonly Parser _parser = new(new StringReader(text));
    private int _nodes;

    /// <summary>The document; null: it could not be read, and the errors say why.</summary>
    public YamlNode? Read()
    {
        try
        {
            _parser.MoveNext();                          // stream start
            _parser.MoveNext();
            if (_parser.Current is not DocumentStart)
                return Empty();
            _parser.MoveNext();
            var root = Node(0);
            _parser.MoveNext();                          // document end
            if (root is not null && _parser.MoveNext() && _parser.Current is DocumentStart second)
                errors.Add(Place(second.Start), "there is a second document: a job file holds one job");
            return root;
        }
        catch (YamlException wrong)
        {
            errors.Add(Place(wrong.Start), $"this is not YAML: {Tidy(wrong.Message)}");
            return null;
        }
        catch (Exception wrong) when (wrong is ArgumentException or InvalidOperationException or IndexOutOfRangeException or OverflowException or FormatException)
        {
            errors.Add(new(1, 1, source), $"this is not YAML: {Tidy(wrong.Message)}");
            return null;
        }
    }

    private YamlNode.Mapping Empty() => new(new(1, 1, source), []);

    /// <summary>The node that begins at the current event; afterwards the current event is its last one.</summary>
    private YamlNode? Node(int depth)
    {
        var place = Place(_parser.Current!.Start);
        if (++_nodes > JobFileLimits.NodesMax)
            return Refuse(place, $"there are more than {JobFileLimits.NodesMax} values: a job file is shorter");
        if (depth > JobFileLimits.DepthMax)
            return Refuse(place, $"this is nested deeper than {JobFileLimits.DepthMax}: a job file is flatter");
        if (_parser.Current is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
            return Refuse(place, "anchors and aliases are not supported: write the value out");
        if (_parser.Current is NodeEvent { Tag.IsEmpty: false })
            return Refuse(place, "tags are not supported: leave it out");
        return _parser.Current switch
        {
            Scalar scalar => new YamlNode.Scalar(place, scalar.Value, scalar.Style is ScalarStyle.Plain),
            SequenceStart => Sequence(place, depth),
            MappingStart => Mapping(place, depth),
            _ => Refuse(place, "this is not a value"),
        };
    }

    private YamlNode.Sequence? Sequence(YamlPlace place, int depth)
    {
        var items = new List<YamlNode>();
        while (_parser.MoveNext() && _parser.Current is not SequenceEnd)
        {
            if (Node(depth + 1) is not { } item)
                return null;
            items.Add(item);
        }

        return new(place, items);
    }

    private YamlNode.Mapping? Mapping(YamlPlace place, int depth)
    {
        var mapping = new YamlNode.Mapping(place, []);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (_parser.MoveNext() && _parser.Current is not MappingEnd)
        {
            if (Node(depth + 1) is not { } key)
                return null;
            _parser.MoveNext();
            if (Node(depth + 1) is not { } value)
                return null;
            if (key is not YamlNode.Scalar name)
                errors.Add(key.Place, "a key is a single word");
            else if (!seen.Add(name.Text))
                errors.Add(key.Place, $"{Quoted.Short(name.Text)} is given twice: keep one");
            else
                mapping.Entries.Add((name, value));
        }

        return mapping;
    }

    private YamlNode? Refuse(YamlPlace place, string why)
    {
        errors.Add(place, why);
        return null;
    }

    private YamlPlace Place(Mark mark) =>
        source is not null ? new(0, 0, source) : new((int)Math.Clamp(mark.Line, 1, int.MaxValue), (int)Math.Clamp(mark.Column, 1, int.MaxValue));

    private static string Tidy(string message)
    {
        var end = message.LastIndexOf("): ", StringComparison.Ordinal);
        return (end < 0 ? message : message[(end + 3)..]).TrimEnd('.');
    }
}

/// <summary>Gathers errors up to a limit.</summary>
internal sealed class JobFileErrors
{
    private readonly List<JobFileError> _errors = [];
    private int _more;

    public bool IsEmpty => _errors.Count == 0;

    public void Add(YamlPlace place, string text)
    {
        if (_errors.Count < JobFileLimits.ErrorsMax)
            _errors.Add(new(place.Line, place.Column, place.Source, text));
        else
            _more++;
    }

    /// <summary>In the order of the file, then those of overrides.</summary>
    public JobFileResult.Refused Refused()
    {
        var ordered = _errors.OrderBy(error => error.Source is not null).ThenBy(error => error.Line).ThenBy(error => error.Column).ToList();
        if (_more > 0)
            ordered.Add(new(0, 0, null, $"and {_more} more errors"));
        return new([.. ordered]);
    }
}

/// <summary>Texts of others inside our own.</summary>
internal static class Quoted
{
    private const int LengthMax = 40;

    public static string Short(string text)
    {
        var clean = new string([.. text.Take(LengthMax).Select(c => char.IsControl(c) ? '?' : c)]);
        return $"\"{clean}{(text.Length > LengthMax ? "…" : "")}\"";
    }
}
