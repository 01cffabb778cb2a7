using System.Collections.Immutable;
using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Codecs.JobFile;

/// <summary>Reads job files: YAML in, a specification with every default out, or every error with its place.</summary>
public static class JobFileReader
{
    private const string SetKey = "set";

    /// <summary>Reads a job file; never throws, whatever the text.</summary>
    public static JobFileResult Read(string text, JobFileOptions options)
    {
        var errors = new JobFileErrors();
        if (text.Length > JobFileLimits.CharactersMax)
        {
            errors.Add(new(1, 1), $"the file has {text.Length} characters, the limit is {JobFileLimits.CharactersMax}");
            return errors.Refused();
        }

        return new YamlReader(text, errors).Read() switch
        {
            null => errors.Refused(),
            YamlNode.Mapping root => Read(root, options, errors),
            YamlNode.Scalar { IsNull: true } empty => Read(new YamlNode.Mapping(empty.Place, []), options, errors),
            var other => Refuse(errors, other.Place, $"the file is {other.Kind}, and must be a map of keys such as run: python3 train.py"),
        };
    }

    /// <summary>The job of a command without a job file: <c>muster run -- CMD</c>.</summary>
    /// <param name="command">Program and arguments; taken as they are.</param>
    /// <param name="options">As for a file.</param>
    public static JobFileResult FromCommand(ImmutableArray<string> command, JobFileOptions options)
    {
        var place = new YamlPlace(0, 0);
        var words = command.Select(word => (YamlNode)new YamlNode.Scalar(place, Parameters.Escape(word), IsPlain: false)).ToList();
        var root = new YamlNode.Mapping(place, [(new(place, "run", true), new YamlNode.Sequence(place, words))]);
        return Read(root, options, new());
    }

    /// <summary>A valid job's name made of any text, such as a file's name.</summary>
    public static string ToName(string text)
    {
        var name = new string([.. text.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Trim('-');
        name = name[..Math.Min(name.Length, JobId.LengthMax)].Trim('-');
        return name.Length == 0 ? "job" : name;
    }

    private static JobFileResult Read(YamlNode.Mapping root, JobFileOptions options, JobFileErrors errors)
    {
        var parameters = new ParameterTable(root[SetKey], errors);
        foreach (var setting in options.Overrides)
            Override(root, parameters, setting, errors);
        parameters.RequireValues();
        var job = new JobSpecification { Name = new(ToName(options.DefaultName)), Run = [], WorkingDirectory = Path.GetFullPath(options.BaseDirectory, "/") };
        foreach (var (key, node) in Leaves(root, errors))
        {
            var field = JobFileFields.All.First(field => field.Key == key);
            job = field.Read(new(key, node, errors, parameters.Values, options), job);
        }

        if (root["run"] is null)
            errors.Add(root.Place, "run is missing: give the command to run, such as run: python3 train.py");
        Check(root, job, options, errors);
        return errors.IsEmpty
            ? new JobFileResult.Read(job, parameters.Values.ToImmutableSortedDictionary(StringComparer.Ordinal))
            : errors.Refused();
    }

    /// <summary>Every known key with its value; unknown ones become errors.</summary>
    private static IEnumerable<(string Key, YamlNode Value)> Leaves(YamlNode.Mapping root, JobFileErrors errors)
    {
        foreach (var (key, value) in root.Entries.Where(entry => entry.Key.Text != SetKey))
        {
            if (IsField(key.Text) && !key.Text.Contains('.', StringComparison.Ordinal))
                yield return (key.Text, value);
            else if (!JobFileFields.All.Any(field => field.Key.StartsWith(key.Text + ".", StringComparison.Ordinal)))
                errors.Add(key.Place, $"the key {Quoted.Short(key.Text)} is unknown{Nearest.Hint(key.Text, TopLevel())}");
            else if (value is YamlNode.Mapping section)
                foreach (var leaf in Section(key.Text, section, errors))
                    yield return leaf;
            else if (value is not YamlNode.Scalar { IsNull: true })
                errors.Add(value.Place, $"{key.Text} is {value.Kind}, and must be a map of {string.Join(", ", NamesIn(key.Text))}");
        }
    }

    private static IEnumerable<(string Key, YamlNode Value)> Section(string section, YamlNode.Mapping map, JobFileErrors errors)
    {
        foreach (var (key, value) in map.Entries)
        {
            if (IsField($"{section}.{key.Text}"))
                yield return ($"{section}.{key.Text}", value);
            else
                errors.Add(key.Place, $"the key {Quoted.Short(key.Text)} is unknown in {section}{Nearest.Hint(key.Text, NamesIn(section))}");
        }
    }

    private static void Override(YamlNode.Mapping root, ParameterTable parameters, string setting, JobFileErrors errors)
    {
        var place = new YamlPlace(0, 0, $"--set {setting}");
        var split = setting.IndexOf('=', StringComparison.Ordinal);
        if (split <= 0)
        {
            errors.Add(place, "must be NAME=VALUE");
            return;
        }

        var (name, text) = (setting[..split], setting[(split + 1)..]);
        if (parameters.TrySet(name, text))
            return;
        if (!IsField(name))
            errors.Add(place, $"{Quoted.Short(name)} is neither a parameter of the file nor a key{Nearest.Hint(name, parameters.Names.Concat(JobFileFields.All.Select(field => field.Key)))}");
        else if (new YamlReader(text, errors, place.Source).Read() is { } value)
            Put(root, name, text.Length == 0 ? new YamlNode.Scalar(place, "", IsPlain: true) : value, place);
    }

    private static void Put(YamlNode.Mapping root, string key, YamlNode value, YamlPlace place)
    {
        var dot = key.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            root.Set(new(place, key, true), value);
            return;
        }

        if (root[key[..dot]] is not YamlNode.Mapping section)
            root.Set(new(place, key[..dot], true), section = new(place, []));
        section.Set(new(place, key[(dot + 1)..], true), value);
    }

    /// <summary>What no single key shows.</summary>
    private static void Check(YamlNode.Mapping root, JobSpecification job, JobFileOptions options, JobFileErrors errors)
    {
        if (options.SingleMachine && job.Gang.NodesMin > 1)
            errors.Add(PlaceOf(root, "gang", "nodes"), $"gang.nodes is {job.Gang.NodesMin} or more, and must allow 1 on one machine, such as 1..{job.Gang.NodesMax}");
        if (job.PromoteTo is not null && job.RegisterAs is null)
            errors.Add(PlaceOf(root, "onSuccess", "promote"), "onSuccess.promote needs onSuccess.register: name the model that is promoted");
        if (job.Gang.NodesMax > int.MaxValue / job.Gang.ProcessesPerNode)
            errors.Add(PlaceOf(root, "gang", "nodes"), "gang.nodes times gang.procsPerNode is too large");
    }

    private static YamlPlace PlaceOf(YamlNode.Mapping root, string section, string name) =>
        ((root[section] as YamlNode.Mapping)?[name] ?? root[section] ?? root).Place;

    private static bool IsField(string key) => JobFileFields.All.Any(field => field.Key == key);

    private static IEnumerable<string> TopLevel() => JobFileFields.All.Select(field => field.Key.Split('.')[0]).Append(SetKey).Distinct();

    private static IEnumerable<string> NamesIn(string section) =>
        JobFileFields.All.Where(field => field.Key.StartsWith(section + ".", StringComparison.Ordinal)).Select(field => field.Key[(section.Length + 1)..]);

    private static JobFileResult.Refused Refuse(JobFileErrors errors, YamlPlace place, string text)
    {
        errors.Add(place, text);
        return errors.Refused();
    }
}
