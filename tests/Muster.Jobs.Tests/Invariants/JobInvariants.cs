using Muster.Jobs.Coordinator;
using Muster.Jobs.Nodes;
using Muster.Jobs.Records;
using Muster.Jobs.Reasons;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Tests.Invariants;

/// <summary>What must stay true of jobs, checked on the store's listing and the nodes' facts after each effect.</summary>
internal sealed class JobInvariants
{
    private readonly SortedDictionary<JobId, (long Generation, int Attempt, JobPhase Phase, long Submission, CurrentState State)> _before = [];
    private readonly HashSet<(JobId, long)> _everFormed = [];

    /// <summary>Checks a listing against the one before.</summary>
    public void Check(StoreListing listing, IEnumerable<NodeSnapshot> nodes)
    {
        foreach (var job in listing.Jobs.Values)
        {
            Require(job.Problem is null, $"every stored value is readable: {job.Problem}");
            if (job.IsWhole)
                Check(job);
        }

        OneGenerationWrites(listing, nodes.ToList());
        NoGpuTwice(listing);
    }

    private void Check(JobState job)
    {
        var (current, status) = (job.Current!.Value, job.Status!.Value);
        var now = (Generation: current.Generation.Number, Attempt: status.Attempt.Number, status.Phase, status.Submission, current.State);
        if (_before.TryGetValue(job.Job, out var before))
        {
            Require(now.Generation >= before.Generation, "a generation number never goes back");
            Require(now.Submission > before.Submission || now.Attempt - before.Attempt is 0 or 1, "attempts are counted once");
            Require(!JobPhases.IsFinished(before.Phase) || now.Submission > before.Submission || now.Phase == before.Phase, "finished stays finished");
            if (now.Generation > before.Generation && now.State == CurrentState.Running)
                Require(_everFormed.Add((job.Job, now.Generation)), "a generation number never repeats");
        }

        _before[job.Job] = now;
        Require(status.Phase != JobPhase.Waiting || status.Charged <= job.Specification!.Value.Specification.Restart.Max, "the restart budget is respected");
        Require(status.Charged <= status.Attempt.Number, "what is charged is counted");
        Require(status.Reason is not null && status.Reason.Text.Length > 0, "every decision carries a reason");
        Require(current.State != CurrentState.Closed || current.Reason is not null, "a closed generation has a reason");
        Require(job.Events.All(stored => stored.Value.Event.Text.Length > 0), "every event says why");
        Require(job.Events.Zip(job.Events.Skip(1)).All(pair => pair.Second.Value.Event.Sequence == pair.First.Value.Event.Sequence + 1), "events have no gaps");
        Require(job.CurrentGeneration() is not { } generation || Ranks(generation.Value).SequenceEqual(Enumerable.Range(0, generation.Value.WorldSize())), "ranks are dense and unique");
    }

    private static IEnumerable<int> Ranks(GenerationRecord generation) =>
        generation.Nodes.SelectMany(node => Enumerable.Range(node.FirstRank.Number, node.Ranks));

    private readonly HashSet<(NodeId, JobId, Generation)> _zombies = [];

    /// <summary>None runs an older generation once a newer one is formed, but on a host that lost its lease meanwhile.</summary>
    private void OneGenerationWrites(StoreListing listing, List<NodeSnapshot> nodes)
    {
        foreach (var node in nodes.Where(node => !listing.Nodes.Contains(node.Node)))
            _zombies.UnionWith(node.Jobs.Select(facts => (node.Node, facts.Job, facts.Generation)));
        foreach (var job in listing.Jobs.Values.Where(job => job.Current?.Value.State == CurrentState.Running))
        {
            var old = nodes.SelectMany(node => node.Jobs.Where(facts => !_zombies.Contains((node.Node, facts.Job, facts.Generation))))
                .FirstOrDefault(facts => facts.Job == job.Job && facts.Generation != job.Current!.Value.Generation && facts.Phase != NodePhase.Ended);
            Require(old is null, $"at most one generation may write: {old?.Generation} runs beside {job.Current!.Value.Generation}");
        }
    }

    private static void NoGpuTwice(StoreListing listing)
    {
        var held = new HashSet<(NodeId, int)>();
        foreach (var generation in listing.Jobs.Values.Where(job => job.Current?.Value.State == CurrentState.Running).Select(job => job.CurrentGeneration()).OfType<Stored<GenerationRecord>>())
            foreach (var part in generation.Value.Nodes)
                foreach (var gpu in part.Gpus)
                    Require(held.Add((part.Node, gpu)), "no GPU is granted twice");
    }

    internal static void Require(bool holds, string law)
    {
        if (!holds)
            throw new InvariantBrokenException(law);
    }
}
