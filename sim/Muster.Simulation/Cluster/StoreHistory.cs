using System.Collections.Immutable;
using Muster.Jobs.Records;
using Muster.Primitives;
using Muster.Simulation.Kernel;
using Muster.Stores;
using Muster.Stores.Embedded;

namespace Muster.Simulation.Cluster;

/// <summary>What a job's keys say at one revision.</summary>
internal sealed record JobPicture
{
    public static JobPicture Empty { get; } = new();

    public SpecificationRecord? Specification { get; init; }

    public ControlRecord? Control { get; init; }

    public StatusRecord? Status { get; init; }

    public CurrentRecord? Current { get; init; }

    public ImmutableSortedDictionary<long, GenerationRecord> Generations { get; init; } = ImmutableSortedDictionary<long, GenerationRecord>.Empty;

    public ImmutableSortedDictionary<(long Step, long Generation), CheckpointRecord> Checkpoints { get; init; } =
        ImmutableSortedDictionary<(long, long), CheckpointRecord>.Empty;

    public ImmutableArray<EventRecord> NewEvents { get; init; } = [];
}

/// <summary>One revision's change of one job.</summary>
internal sealed record JobChange(Revision At, JobId Job, JobPicture Before, JobPicture After);

/// <summary>Every event that the store ever showed. It outlives servers: what it has seen must still be there after each recovery.</summary>
internal sealed class StoreHistory(ClusterRun run)
{
    private readonly List<StoreEvent> _events = [];
    private readonly SortedDictionary<JobId, JobPicture> _jobs = [];
    private ClusterId? _cluster;
    private Revision _newest = Revision.None;
    private Revision _acknowledged = Revision.None;

    /// <summary>The newest state of a job.</summary>
    public JobPicture Job(JobId job) => _jobs.GetValueOrDefault(job, JobPicture.Empty);

    /// <summary>Events seen so far.</summary>
    public int Count => _events.Count;

    /// <summary>A person was told that something is so as of a revision.</summary>
    public void Acknowledge(Revision revision)
    {
        if (revision.Number > _acknowledged.Number)
            _acknowledged = revision;
    }

    /// <summary>A server has opened the store: nothing that was ever seen or acknowledged may be missing or different.</summary>
    public void Recovered(EmbeddedStore store, SimulatedProcess process)
    {
        run.Invariants.Require("store keeps what it showed", store.Revision.Number >= Math.Max(_newest.Number, _acknowledged.Number),
            $"recovered at revision {store.Revision}, but {_newest} was shown and {_acknowledged} acknowledged");
        run.Invariants.Require("store keeps its name", _cluster is null || _cluster == store.Cluster, $"{_cluster} became {store.Cluster}");
        _cluster = store.Cluster;
        var next = 0;
        store.Watch(KeyRange.Prefix(JobKeys.Root), new Revision(1), events =>
        {
            if (!process.IsDead)
                next = Take(events, next);
        }, oldest => run.Invariants.Require("history is kept", false, $"history before {oldest} was compacted"));
    }

    private int Take(ImmutableArray<StoreEvent> events, int next)
    {
        var fresh = new List<StoreEvent>();
        foreach (var e in events)
        {
            if (next < _events.Count)
            {
                run.Invariants.Require("store keeps what it showed", Same(_events[next], e),
                    $"event {next} was {Text(_events[next])} and is now {Text(e)}");
            }
            else
            {
                _events.Add(e);
                fresh.Add(e);
            }

            next++;
        }

        foreach (var revision in fresh.GroupBy(e => e.Key.Modified.Number))
            Apply(new Revision(revision.Key), [.. revision]);
        return next;
    }

    private void Apply(Revision at, IReadOnlyList<StoreEvent> events)
    {
        run.Invariants.Require("revisions rise", at.Number > _newest.Number, $"{at} after {_newest}");
        _newest = at;
        foreach (var job in events.Select(JobOf).OfType<JobId>().Distinct().Order())
        {
            var before = Job(job);
            var after = before with { NewEvents = [] };
            foreach (var e in events.Where(e => JobOf(e) == job))
                after = e.IsDelete ? Without(after, JobKeys.Parts(e.Key.Key.ToString())) : With(after, StoreListing.Decode(at, [e.Key]).Jobs[job]);
            _jobs[job] = after;
            foreach (var record in after.NewEvents)
                run.World.Trace.Record(run.World.Now, $"job {job}", $"decided {record.Event.Kind}: {record.Event.Text}");
            run.Invariants.Changed(new JobChange(at, job, before, after));
        }
    }

    private static JobId? JobOf(StoreEvent e) => JobKeys.Parts(e.Key.Key.ToString()) is { Length: > 1 } parts ? new JobId(parts[0]) : null;

    private static JobPicture With(JobPicture picture, JobState put) => picture with
    {
        Specification = put.Specification?.Value ?? picture.Specification,
        Control = put.Control?.Value ?? picture.Control,
        Status = put.Status?.Value ?? picture.Status,
        Current = put.Current?.Value ?? picture.Current,
        Generations = picture.Generations.SetItems(put.Generations.Select(stored => KeyValuePair.Create(stored.Value.Generation.Number, stored.Value))),
        Checkpoints = picture.Checkpoints.SetItems(put.Checkpoints.Select(stored =>
            KeyValuePair.Create((stored.Value.Checkpoint.Step.Number, stored.Value.Checkpoint.Generation.Number), stored.Value))),
        NewEvents = picture.NewEvents.AddRange(put.Events.Select(stored => stored.Value)),
    };

    private static JobPicture Without(JobPicture picture, string[] parts) => parts[1] switch
    {
        "spec" => picture with { Specification = null },
        "control" => picture with { Control = null },
        "status" => picture with { Status = null },
        "current" => picture with { Current = null },
        "generations" => picture with { Generations = picture.Generations.Remove(long.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture)) },
        "checkpoints" when JobKeys.TryParseCheckpoint(parts[2], out var step, out var generation) =>
            picture with { Checkpoints = picture.Checkpoints.Remove((step.Number, generation.Number)) },
        _ => picture,
    };

    private static bool Same(StoreEvent one, StoreEvent other) => one.IsDelete == other.IsDelete && one.Key == other.Key;

    private static string Text(StoreEvent e) => $"{(e.IsDelete ? "delete" : "put")} {e.Key.Key} at {e.Key.Modified}";
}
