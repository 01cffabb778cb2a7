using System.Collections.Immutable;
using System.Text;
using Muster.Jobs.Specification;

namespace Muster.Codecs.JobFile;

/// <summary>The keys in which parameters are replaced: run, workdir, env; and where checkpoints go.</summary>
internal static class RunFields
{
    private const string FileScheme = "file://";

    public static JobSpecification ReadRun(FieldReader value, JobSpecification job)
    {
        if (value.Node is YamlNode.Sequence list)
        {
            var items = value.Items().Select(item => value.Replaced(item)).Where(word => word is not null).Select(word => word!).ToList();
            return Checked(value, job, items, list.Items.Count);
        }

        if (value.Text() is not { } line)
            return job;
        if (Words.Split(line) is not { } words)
        {
            value.Error("has a quote that is left open: close it");
            return job;
        }

        return Checked(value, job, [.. words.Select(word => value.Replaced(word, value.Node))], words.Count);
    }

    public static JobSpecification ReadWorkdir(FieldReader value, JobSpecification job)
    {
        if (value.Replaced() is not { } path)
            return job;
        if (path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal))
            return job with { WorkingDirectory = Path.GetFullPath(path, value.Options.BaseDirectory) };
        value.Error("is empty: leave it out, or give a directory");
        return job;
    }

    public static JobSpecification ReadEnvironment(FieldReader value, JobSpecification job)
    {
        if (value.IsNull)
            return job;
        if (value.Node is not YamlNode.Mapping map)
        {
            value.Error($"is {value.Node.Kind}, and must be a map of names to values");
            return job;
        }

        if (map.Entries.Count > JobFileLimits.EntriesMax)
            value.Error($"has more than {JobFileLimits.EntriesMax} entries");
        var environment = ImmutableSortedDictionary.CreateBuilder<string, string?>(StringComparer.Ordinal);
        foreach (var (key, entry) in map.Entries)
        {
            if (!Parameters.IsName(key.Text))
                value.Error($"has the name {Quoted.Short(key.Text)}, which must be of letters, digits and '_'", key);
            else if (key.Text.StartsWith("MUSTER_", StringComparison.Ordinal))
                value.Error($"sets {Quoted.Short(key.Text)}: names that begin with MUSTER_ are set by Muster", key);
            else
                environment[key.Text] = entry is YamlNode.Scalar { IsNull: true } ? null : value.Replaced(entry);
        }

        return job with { Environment = environment.ToImmutable() };
    }

    public static string? WriteEnvironment(ImmutableSortedDictionary<string, string?> environment)
    {
        if (environment.IsEmpty)
            return "{}";
        var text = new StringBuilder();
        foreach (var (name, entry) in environment.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            text.Append("\n  ").Append(name).Append(": ").Append(entry is null ? "null" : YamlText.String(Parameters.Escape(entry)));
        return text.ToString();
    }

    public static JobSpecification ReadCheckpointDirectory(FieldReader value, JobSpecification job)
    {
        if (value.IsNull)
            return job with { Checkpoint = job.Checkpoint with { Directory = null } };
        if (value.Text() is not { } text)
            return job;
        if (text.StartsWith(FileScheme + "/", StringComparison.Ordinal))
            return job with { Checkpoint = job.Checkpoint with { Directory = Path.GetFullPath(text[FileScheme.Length..], "/") } };
        value.Error($"is {Quoted.Short(text)}, and must be file:// and an absolute directory, such as file:///data/ckpt");
        return job;
    }

    private static JobSpecification Checked(FieldReader value, JobSpecification job, List<string> words, int written)
    {
        if (written == 0 || (words.Count > 0 && words[0].Length == 0))
            value.Error("names no program: give a command");
        else if (written > JobFileLimits.EntriesMax)
            value.Error($"has more than {JobFileLimits.EntriesMax} words");
        else if (words.Count > 0)
            return job with { Run = [.. words] };
        return job;
    }
}

/// <summary>Values as YAML.</summary>
internal static class YamlText
{
    public static string List(IEnumerable<string> items) => $"[{string.Join(", ", items.Select(String))}]";

    public static string Plain(IEnumerable<string> items) => $"[{string.Join(", ", items)}]";

    /// <summary>A double-quoted scalar of ASCII characters only.</summary>
    public static string String(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\t' => "\\t",
                >= ' ' and <= '~' => ((char)rune.Value).ToString(),
                <= 0xFFFF => $"\\u{rune.Value:X4}",
                _ => $"\\U{rune.Value:X8}",
            });
        }

        return quoted.Append('"').ToString();
    }
}
