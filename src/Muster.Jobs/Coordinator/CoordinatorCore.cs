using System.Collections.Immutable;
using Muster.Jobs.Deciding;
using Muster.Jobs.Nodes;
using Muster.Jobs.Placement;
using Muster.Jobs.Records;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Coordinator;

/// <summary>Decides about every job, for one term of leadership.</summary>
/// <remarks>
/// Pure: no clock, tasks, logs or I/O. Equal state and equal input give equal effects. Level-triggered: what is decided follows
/// from the newest listing, the newest snapshots and the time; of the past only timers and what is under way are kept, and a new
/// leader begins without them. Make a new one for each term.
/// </remarks>
/// <param name="electionKey">The key whose existence, created at the token's revision, makes this coordinator the leader.</param>
/// <param name="token">Its fencing token.</param>
/// <param name="options">What it is told once.</param>
public sealed class CoordinatorCore(ByteString electionKey, FencingToken token, CoordinatorOptions options)
{
    private readonly ListingDecoder _decoder = new();
    private readonly NodeTable _nodes = new(options.Limits);
    private readonly SortedDictionary<JobId, JobMemory> _memory = [];
    private readonly SortedDictionary<NodeId, (NodeAssignments Wish, Instant At, ulong Incarnation)> _sent = [];
    private StoreListing? _listing;
    private Instant _now;
    private long _lastId;

    /// <summary>The newest listing, decoded; empty before the first.</summary>
    public StoreListing Listing => _listing ?? StoreListing.Empty;

    /// <summary>What a host last said; null: nothing to this leader, or it was lost since.</summary>
    public NodeSnapshot? Snapshot(NodeId node) => _nodes.Snapshot(node);

    /// <summary>Hosts that are known, by name.</summary>
    public ImmutableArray<NodeId> Nodes => [.. _nodes.All];

    /// <summary>All jobs as people see them.</summary>
    public ImmutableArray<JobView> Views() => [.. Listing.Jobs.Values.Where(job => job.Specification is not null).Select(View)];

    /// <summary>One job as people see it; null: there is none of that name.</summary>
    public JobView? View(JobId job) =>
        Listing.Jobs.TryGetValue(job, out var state) && state.Specification is not null ? View(state) : null;

    /// <summary>Applies one input and returns what the shell must now do, in order.</summary>
    public ImmutableArray<CoordinatorEffect> Step(CoordinatorInput input)
    {
        _now = Instant.Max(_now, input.Now);
        switch (input)
        {
            case CoordinatorInput.StoreRead(var at, var keys, _):
                Listed(at, keys);
                break;
            case CoordinatorInput.NodeReported(var snapshot, _):
                _nodes.Reported(snapshot, _now);
                break;
            case CoordinatorInput.TransactionAnswered(var id, var succeeded, var at, _):
                Waiting(id)?.Answered(at, succeeded);
                break;
            case CoordinatorInput.TransactionFailed(var id, _, _):
                if (Waiting(id) is { } failed)
                    (failed.Transaction, failed.WaitsForListing, failed.RetryAt) = (null, true, _now + options.Limits.TransactionRetry);
                break;
            case CoordinatorInput.ManifestWritten written:
                foreach (var memory in _memory.Values)
                    FileWork.Written(memory, written, options.Limits);
                break;
            case CoordinatorInput.FilesDeleted deleted:
                foreach (var memory in _memory.Values)
                    FileWork.Deleted(memory, deleted, options.Limits);
                break;
            case CoordinatorInput.Tick:
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }

        return Decide();
    }

    private void Listed(Revision at, ImmutableArray<KeyValue> keys)
    {
        if (_listing is not null && at < _listing.At)
            return;
        _listing = _decoder.Decode(at, keys);
        var holders = _listing.Jobs.Values
            .Where(job => job.CurrentGeneration() is not null && !JobPhases.IsSettled(job.Status?.Value.Phase ?? JobPhase.Waiting))
            .SelectMany(job => job.Generations)
            .SelectMany(generation => generation.Value.Nodes)
            .Select(part => part.Node);
        _nodes.Listed(_listing.Nodes, holders, _now);
        foreach (var job in _memory.Keys.Where(job => !_listing.Jobs.ContainsKey(job)).ToList())
            _memory.Remove(job);
        foreach (var memory in _memory.Values)
            memory.Listed(at);
    }

    private ImmutableArray<CoordinatorEffect> Decide()
    {
        if (_listing is null)
            return [];
        _nodes.Forget(_now);
        var effects = ImmutableArray.CreateBuilder<CoordinatorEffect>();
        var forming = _memory.Values.Where(memory => memory.BeingFormed is not null).Select(memory => memory.BeingFormed!);
        var capacity = new Capacity(_listing, _nodes, forming.ToList(), _now);
        foreach (var job in InQueue(_listing))
            Decide(job, capacity, effects);
        foreach (var node in _nodes.All)
        {
            if (Assign(node) is { } assign)
                effects.Add(assign);
        }

        return effects.ToImmutable();
    }

    /// <summary>In the order of submission, so that what is scarce goes to who came first.</summary>
    private static IEnumerable<JobState> InQueue(StoreListing listing) =>
        listing.Jobs.Values.OrderBy(job => job.Specification?.Created ?? Revision.None).ThenBy(job => job.Job);

    private void Decide(JobState job, Capacity capacity, ImmutableArray<CoordinatorEffect>.Builder effects)
    {
        if (!_memory.TryGetValue(job.Job, out var memory))
            _memory[job.Job] = memory = new();
        if (job.Problem is not null)
            return;
        if (!job.IsWhole)
        {
            effects.AddRange(FileWork.Delete(job, memory, options.Limits, _now, NextId));
            if (memory.IsFree(_now) && job.Current is not null && FileWork.Done(job, memory) is { } done)
                Transact(job, memory, Forget(job, done), effects);
            return;
        }

        var context = Context(job, memory, capacity);
        if (memory.IsFree(_now) && JobDecider.Decide(context, memory.Manifest?.Durable, _ => FileWork.Done(job, memory) is { } key ? Forget(job, key) : null) is { } change)
            Transact(job, memory, change, effects);
        effects.AddRange(FileWork.Start(context, memory, NextId));
    }

    private JobContext Context(JobState job, JobMemory memory, Capacity capacity)
    {
        var current = job.Current!.Value;
        var number = current.Generation.Number;
        memory.Timers.Prune(number);
        memory.Timers.Since(current.State == CurrentState.Running ? TimerKind.Current : TimerKind.Closed, number, _now);
        return new(job, _nodes, memory.Timers, capacity, options, token.Cluster, _now)
        {
            IsManifestHopeless = memory.Manifest?.Failures >= options.Limits.ManifestTries,
        };
    }

    private static Change Forget(JobState job, ByteString key) =>
        new Change(job).Delete(key).Event("swept", JobKeys.Parts(key.ToString()) switch
        {
            [_, "sweeps", var generation] => $"what generation {generation} left uncommitted is gone",
            [_, "removed", var checkpoint] => $"the files of checkpoint {checkpoint} are gone",
            _ => "files are gone",
        });

    private void Transact(JobState job, JobMemory memory, Change change, ImmutableArray<CoordinatorEffect>.Builder effects)
    {
        memory.Transaction = NextId();
        memory.BeingFormed = change.Forms;
        effects.Add(new CoordinatorEffect.Transact(
            memory.Transaction.Value, job.Job, change.Build((electionKey, token.Granted), options.Limits.EventsMax)));
    }

    /// <summary>A node is told when its wish changed, when its agent is another, and now and then while facts disagree.</summary>
    private CoordinatorEffect.Assign? Assign(NodeId node)
    {
        if (_nodes.Snapshot(node) is not { } snapshot || Wishes.For(node, _listing!, _nodes, token) is not { } wish)
            return null;
        if (_sent.TryGetValue(node, out var sent) && sent.Incarnation == snapshot.Incarnation && Wishes.Same(sent.Wish, wish))
        {
            var every = Wishes.Agrees(wish, snapshot) ? options.Limits.AssignEvery : options.Limits.AssignDisagreed;
            if (_now - sent.At < every)
                return null;
        }

        _sent[node] = (wish, _now, snapshot.Incarnation);
        return new(node, wish);
    }

    private JobView View(JobState job) => JobViews.Of(job, _nodes.Snapshot);

    private JobMemory? Waiting(long id) => _memory.Values.FirstOrDefault(memory => memory.Transaction == id);

    private long NextId() => ++_lastId;
}
