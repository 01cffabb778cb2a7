using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Muster.Primitives;

namespace Muster.Jobs.Records;

/// <summary>Everything under <c>/muster/</c> at one revision, decoded.</summary>
/// <param name="At">The revision.</param>
/// <param name="Jobs">Jobs by name, removed ones included.</param>
/// <param name="Nodes">Hosts whose leased key exists.</param>
public sealed record StoreListing(
    Revision At, ImmutableSortedDictionary<JobId, JobState> Jobs, ImmutableSortedSet<NodeId> Nodes)
{
    /// <summary>Nothing, before the first read.</summary>
    public static StoreListing Empty { get; } =
        new(Revision.None, ImmutableSortedDictionary<JobId, JobState>.Empty, []);

    /// <summary>Decodes a listing once.</summary>
    public static StoreListing Decode(Revision at, ImmutableArray<KeyValue> keys) => new ListingDecoder().Decode(at, keys);
}

/// <summary>Decodes listings; a value that did not change since the last one is not read again.</summary>
public sealed class ListingDecoder
{
    private Dictionary<ByteString, (Revision Created, Revision Modified, object Value)> _known = [];

    /// <summary>Decodes all keys under <c>/muster/</c>.</summary>
    /// <param name="at">The revision they were read at.</param>
    /// <param name="keys">The keys, in any order; others than Muster's are passed over.</param>
    public StoreListing Decode(Revision at, ImmutableArray<KeyValue> keys)
    {
        var jobs = new SortedDictionary<JobId, JobBuilder>();
        var nodes = ImmutableSortedSet.CreateBuilder<NodeId>();
        var known = new Dictionary<ByteString, (Revision, Revision, object)>(keys.Length);
        foreach (var key in keys)
        {
            var name = key.Key.ToString();
            if (name.StartsWith(JobKeys.Nodes, StringComparison.Ordinal))
                nodes.Add(new(name[JobKeys.Nodes.Length..]));
            else if (JobKeys.Parts(name) is { Length: > 1 } parts)
                Read(key, name, parts, jobs, known);
        }

        _known = known;
        return new(at, jobs.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value.Build()), nodes.ToImmutable());
    }

    private void Read(
        KeyValue key, string name, string[] parts, SortedDictionary<JobId, JobBuilder> jobs,
        Dictionary<ByteString, (Revision, Revision, object)> known)
    {
        var id = new JobId(parts[0]);
        if (!jobs.TryGetValue(id, out var job))
            jobs[id] = job = new(id);
        Action<object>? place = null;
        var value = parts[1] switch
        {
            "spec" => Value(key, RecordContext.Default.SpecificationRecord, v => job.Specification = v, ref place, job, name),
            "control" => Value(key, RecordContext.Default.ControlRecord, v => job.Control = v, ref place, job, name),
            "status" => Value(key, RecordContext.Default.StatusRecord, v => job.Status = v, ref place, job, name),
            "secrets" => Value(key, RecordContext.Default.SecretsRecord, v => job.Secrets = v, ref place, job, name),
            "current" => Value(key, RecordContext.Default.CurrentRecord, v => job.Current = v, ref place, job, name),
            "request" => Value(key, RecordContext.Default.DemandRecord, v => job.Demand = v, ref place, job, name),
            "generations" => Value(key, RecordContext.Default.GenerationRecord, job.Generations.Add, ref place, job, name),
            "checkpoints" => Value(key, RecordContext.Default.CheckpointRecord, job.Checkpoints.Add, ref place, job, name),
            "events" => Value(key, RecordContext.Default.EventRecord, job.Events.Add, ref place, job, name),
            "removed" => Value(key, RecordContext.Default.FilesToDelete, v => job.AddRemoved(parts, v), ref place, job, name),
            "sweeps" => Value(key, RecordContext.Default.FilesToDelete, v => job.AddSweep(parts, v), ref place, job, name),
            _ => null,
        };
        if (value is null)
            return;
        known[key.Key] = (key.Created, key.Modified, value);
        place?.Invoke(value);
    }

    private object? Value<T>(
        KeyValue key, JsonTypeInfo<T> type, Action<Stored<T>> put, ref Action<object>? place, JobBuilder job, string name)
        where T : class
    {
        place = stored => put((Stored<T>)stored);
        if (_known.TryGetValue(key.Key, out var before) && before.Modified == key.Modified && before.Created == key.Created)
            return before.Value;
        if (RecordJson.Decode(key.Value, type, out var error) is { } value)
            return new Stored<T>(value, key.Created, key.Modified);
        job.Problem ??= $"{name}: {error}";
        return null;
    }

    private sealed class JobBuilder(JobId job)
    {
        public Stored<SpecificationRecord>? Specification { get; set; }

        public Stored<ControlRecord>? Control { get; set; }

        public Stored<StatusRecord>? Status { get; set; }

        public Stored<SecretsRecord>? Secrets { get; set; }

        public Stored<CurrentRecord>? Current { get; set; }

        public Stored<DemandRecord>? Demand { get; set; }

        public List<Stored<GenerationRecord>> Generations { get; } = [];

        public List<Stored<CheckpointRecord>> Checkpoints { get; } = [];

        public List<Stored<EventRecord>> Events { get; } = [];

        public List<(CheckpointName Name, Stored<FilesToDelete> Files)> Removed { get; } = [];

        public List<(Generation Generation, Stored<FilesToDelete> Files)> Sweeps { get; } = [];

        public string? Problem { get; set; }

        public void AddRemoved(string[] parts, Stored<FilesToDelete> files)
        {
            if (parts.Length == 3 && JobKeys.TryParseCheckpoint(parts[2], out var step, out var generation))
                Removed.Add((new(step, generation), files));
        }

        public void AddSweep(string[] parts, Stored<FilesToDelete> files)
        {
            if (parts.Length == 3 && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                Sweeps.Add((new(number), files));
        }

        public JobState Build() => new()
        {
            Job = job,
            Specification = Specification,
            Control = Control,
            Status = Status,
            Secrets = Secrets,
            Current = Current,
            Demand = Demand,
            Generations = [.. Generations.OrderBy(record => record.Value.Generation)],
            Checkpoints =
                [.. Checkpoints.OrderBy(record => record.Value.Checkpoint.Step).ThenBy(record => record.Value.Checkpoint.Generation)],
            Events = [.. Events.OrderBy(record => record.Value.Event.Sequence)],
            Removed = [.. Removed.OrderBy(entry => entry.Name.Step).ThenBy(entry => entry.Name.Generation)],
            Sweeps = [.. Sweeps.OrderBy(entry => entry.Generation)],
            Problem = Problem,
        };
    }
}
