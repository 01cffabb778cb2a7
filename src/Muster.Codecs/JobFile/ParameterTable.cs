namespace Muster.Codecs.JobFile;

/// <summary>The parameters of a program: names with defaults under <c>set</c>, and what overrides made of them.</summary>
internal sealed class ParameterTable
{
    private readonly JobFileErrors _errors;
    private readonly SortedDictionary<string, (string? Value, YamlPlace Place)> _values = new(StringComparer.Ordinal);

    public ParameterTable(YamlNode? node, JobFileErrors errors)
    {
        _errors = errors;
        switch (node)
        {
            case null or YamlNode.Scalar { IsNull: true }:
                break;
            case YamlNode.Mapping map when map.Entries.Count <= JobFileLimits.EntriesMax:
                foreach (var (key, value) in map.Entries)
                    Add(key, value);
                break;
            default:
                errors.Add(node.Place, $"set is {node.Kind}, and must be a map of at most {JobFileLimits.EntriesMax} parameters with their defaults");
                break;
        }
    }

    /// <summary>Names, those without a value included.</summary>
    public IEnumerable<string> Names => _values.Keys;

    /// <summary>Values by name.</summary>
    public IReadOnlyDictionary<string, string> Values =>
        _values.Where(entry => entry.Value.Value is not null).ToDictionary(entry => entry.Key, entry => entry.Value.Value!, StringComparer.Ordinal);

    public bool TrySet(string name, string value)
    {
        if (!_values.TryGetValue(name, out var known))
            return false;
        if (!Characters.IsWellFormed(value))
            _errors.Add(known.Place, $"the parameter {name} holds a character that no program can be given");
        _values[name] = (value, known.Place);
        return true;
    }

    /// <summary>A parameter whose default is null must be given; later uses of it say nothing more.</summary>
    public void RequireValues()
    {
        foreach (var (name, (value, place)) in _values.Where(entry => entry.Value.Value is null).ToList())
        {
            _errors.Add(place, $"the parameter {name} has no default: give it with --set {name}=VALUE");
            _values[name] = (value ?? "", place);
        }
    }

    private void Add(YamlNode.Scalar key, YamlNode value)
    {
        if (!Parameters.IsName(key.Text))
            _errors.Add(key.Place, $"the parameter {Quoted.Short(key.Text)} must be of letters, digits and '_'");
        else if (value is not YamlNode.Scalar scalar)
            _errors.Add(value.Place, $"the parameter {key.Text} is {value.Kind}, and must be a single value");
        else if (!Characters.IsWellFormed(scalar.Text))
            _errors.Add(value.Place, $"the parameter {key.Text} holds a character that no program can be given");
        else
            _values[key.Text] = (scalar.IsNull ? null : scalar.Text, key.Place);
    }
}
