using System.Collections.Immutable;
using Muster.Jobs.Coordinator;
using Muster.Jobs.Records;
using Muster.Jobs.Requests;
using Muster.Primitives;

namespace Muster.Jobs.Tests.World;

/// <summary>A coordinator, its store, its nodes and its files, in one thread and in virtual time.</summary>
internal sealed class JobWorld
{
    private readonly Queue<CoordinatorEffect> _effects = new();
    private CoordinatorCore? _core;
    private int _leases;

    public static ClusterId Cluster { get; } = new(7);

    public NaiveStore Store { get; } = new();

    public SortedDictionary<NodeId, FakeNode> Nodes { get; } = [];

    /// <summary>Directories with their manifests' bytes, or none where only shards lie.</summary>
    public SortedDictionary<string, ByteString?> Files { get; } = new(StringComparer.Ordinal);

    public Instant Now { get; private set; }

    public CoordinatorOptions Options { get; init; } = new() { CheckpointRoot = "/ckpt" };

    /// <summary>Kills the coordinator around the next effect whose type has this name; before it, or after it and before its answer.</summary>
    public (string Effect, bool IsBefore)? CrashAt { get; set; }

    /// <summary>Whether manifests cannot be written.</summary>
    public bool IsDiskFull { get; set; }

    /// <summary>Called after each effect, for invariants.</summary>
    public Action<CoordinatorEffect>? Performed { get; set; }

    public CoordinatorCore? Core => _core;

    public bool HasEffects => _effects.Count > 0;

    public StoreListing Listing => StoreListing.Decode(Store.At, Store.Keys);

    public JobState? Job(JobId job) => Listing.Jobs.GetValueOrDefault(job);

    /// <summary>A candidate takes office under a new key; the one before loses its.</summary>
    public void TakeOffice()
    {
        Store.Apply(Transaction.Always(new Operation.Delete(KeyRange.Prefix(JobKeys.Elections))));
        var key = JobKeys.Candidate(new(++_leases));
        Store.Apply(Transaction.Always(new Operation.Put(key, ByteString.From("me"))));
        _effects.Clear();
        _core = new(key, new(Cluster, Store[key]!.Created), Options);
        Read();
    }

    public void Crash()
    {
        _core = null;
        _effects.Clear();
    }

    public void AddNode(FakeNode node)
    {
        Nodes[node.Node] = node;
        Lease(node, true);
        Report(node);
    }

    public void Lease(FakeNode node, bool has)
    {
        node.HasLease = has;
        Store.Apply(Transaction.Always(has
            ? new Operation.Put(JobKeys.Node(node.Node), ByteString.From("{}"))
            : new Operation.Delete(KeyRange.Single(JobKeys.Node(node.Node)))));
        Read();
    }

    public void Report(FakeNode node)
    {
        if (node.IsConnected)
            Step(new CoordinatorInput.NodeReported(node.Snapshot(), Now));
    }

    public void Request(RequestPlan plan)
    {
        if (plan is RequestPlan.Apply apply)
            Store.Apply(apply.Transaction);
        Read();
    }

    public void Read() => Step(new CoordinatorInput.StoreRead(Store.At, Store.Keys, Now));

    /// <summary>Lets time pass in small steps; nodes repeat what they know.</summary>
    public void Advance(TimeSpan time)
    {
        var step = time > TimeSpan.FromMinutes(10) ? TimeSpan.FromSeconds(30) : TimeSpan.FromSeconds(1);
        for (var left = time; left > TimeSpan.Zero; left -= step)
        {
            var by = left < step ? left : step;
            Now += by;
            foreach (var node in Nodes.Values)
                Age(node, by);
            Step(new CoordinatorInput.Tick(Now));
            foreach (var node in Nodes.Values)
                Report(node);
            Drain();
        }
    }

    /// <summary>Performs effects until none is left.</summary>
    public void Drain()
    {
        for (var performed = 0; _effects.Count > 0; performed++)
        {
            Assert.True(performed < 10_000, "the coordinator does not come to rest");
            PerformNext();
        }
    }

    /// <summary>Performs the next effect, and its answer.</summary>
    public void PerformNext()
    {
        var effect = _effects.Dequeue();
        if (Crashes(effect, before: true))
            return;
        var answer = Perform(effect);
        Performed?.Invoke(effect);
        if (Crashes(effect, before: false))
            return;
        if (answer is not null)
            Step(answer);
        if (effect is CoordinatorEffect.Transact)
            Read();
        if (effect is CoordinatorEffect.Assign assign && Nodes.TryGetValue(assign.Node, out var node))
            Report(node);
    }

    private bool Crashes(CoordinatorEffect effect, bool before)
    {
        if (CrashAt is not var (name, isBefore) || isBefore != before || effect.GetType().Name != name)
            return false;
        CrashAt = null;
        Crash();
        return true;
    }

    private CoordinatorInput? Perform(CoordinatorEffect effect)
    {
        switch (effect)
        {
            case CoordinatorEffect.Transact(var id, _, var transaction):
                var result = Store.Apply(transaction);
                return new CoordinatorInput.TransactionAnswered(id, result.Succeeded, result.At, Now);
            case CoordinatorEffect.Assign(var node, var wish):
                if (Nodes.TryGetValue(node, out var agent) && agent.IsConnected)
                    agent.Receive(wish);
                return null;
            case CoordinatorEffect.WriteManifest(var id, _, var path, var bytes):
                if (IsDiskFull)
                    return new CoordinatorInput.ManifestWritten(id, null, "no space left on device", Now);
                Files[path[..path.LastIndexOf('/')]] = bytes;
                return new CoordinatorInput.ManifestWritten(id, new string('a', 32), null, Now);
            case CoordinatorEffect.DeleteCheckpoint(var id, _, var directory):
                Files.Remove(directory);
                return new CoordinatorInput.FilesDeleted(id, null, Now);
            case CoordinatorEffect.SweepGeneration(var id, _, var directory, var generation, var keep):
                foreach (var file in Files.Keys.Where(file => IsSwept(file, directory, generation, keep)).ToList())
                    Files.Remove(file);
                return new CoordinatorInput.FilesDeleted(id, null, Now);
            default:
                throw new InvalidOperationException(effect.ToString());
        }
    }

    private static bool IsSwept(string file, string directory, Generation generation, ImmutableArray<TrainingStep> keep) =>
        file.StartsWith(directory + "/", StringComparison.Ordinal)
        && Checkpoints.CheckpointLayout.TryParseDirectoryName(file[(directory.Length + 1)..], out var step, out var of)
        && of == generation && !keep.Contains(step);

    private static void Age(FakeNode node, TimeSpan by)
    {
        foreach (var job in node.Jobs.Keys.ToList())
            foreach (var rank in node.Jobs[job].Ranks.Where(rank => rank.Exit is null))
                node.ChangeRank(job, rank.Rank.Number, facts => facts with { SinceProgress = facts.SinceProgress + by });
    }

    private void Step(CoordinatorInput input)
    {
        if (_core is null)
            return;
        foreach (var effect in _core.Step(input))
            _effects.Enqueue(effect);
    }
}
