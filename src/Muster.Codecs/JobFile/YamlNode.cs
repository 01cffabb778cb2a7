namespace Muster.Codecs.JobFile;

/// <summary>A place in a job file, or the override that took its place.</summary>
/// <param name="Line">From 1; 0 for an override.</param>
/// <param name="Column">From 1; 0 for an override.</param>
/// <param name="Source">The override; null: the file.</param>
internal sealed record YamlPlace(int Line, int Column, string? Source = null);

/// <summary>A parsed value with its place.</summary>
/// <param name="Place">Where it begins.</param>
internal abstract record YamlNode(YamlPlace Place)
{
    /// <summary>A scalar; plain ones may be numbers or null.</summary>
    public sealed record Scalar(YamlPlace Place, string Text, bool IsPlain) : YamlNode(Place)
    {
        public bool IsNull => IsPlain && Text is ("" or "~" or "null");
    }

    /// <summary>A list.</summary>
    public sealed record Sequence(YamlPlace Place, List<YamlNode> Items) : YamlNode(Place);

    /// <summary>A map; its keys are scalars, each once.</summary>
    public sealed record Mapping(YamlPlace Place, List<(Scalar Key, YamlNode Value)> Entries) : YamlNode(Place)
    {
        public YamlNode? this[string key] => Entries.FirstOrDefault(entry => entry.Key.Text == key).Value;

        public void Set(Scalar key, YamlNode value)
        {
            var index = Entries.FindIndex(entry => entry.Key.Text == key.Text);
            if (index < 0)
                Entries.Add((key, value));
            else
                Entries[index] = (Entries[index].Key, value);
        }
    }

    /// <summary>The word for its kind.</summary>
    public string Kind => this switch
    {
        Scalar { IsNull: true } => "nothing",
        Scalar => "a single value",
        Sequence => "a list",
        _ => "a map",
    };
}
