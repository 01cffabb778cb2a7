using System.Collections.Immutable;
using Muster.Agent.Keeping;
using Muster.Codecs.Nodes;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Cluster;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Invariants;

/// <summary>All laws of a run, told of all that happens.</summary>
internal sealed class ClusterInvariants
{
    private readonly ClusterRun _run;
    private readonly ImmutableArray<ClusterInvariant> _all;
    private readonly DirectoriesAreFresh _directories;
    private readonly RestoredBytes _restored;
    private readonly JournalBeforeStart _journal;
    private readonly StaleOrdersAreRefused _orders;

    public ClusterInvariants(ClusterRun run)
    {
        _run = run;
        _directories = new DirectoriesAreFresh(run);
        _restored = new RestoredBytes(run);
        _journal = new JournalBeforeStart(run);
        _orders = new StaleOrdersAreRefused(run);
        _all =
        [
            new OneGenerationWrites(run), new GenerationsNeverRepeat(run), new AttemptsAreCountedOnce(run), new RetryBudget(run),
            new FinishedStaysFinished(run), new EveryDecisionHasAReason(run), new CommittedIsDurable(run), new StaleGenerationsCannotPublish(run),
            new NewestIsRestored(run), new DeletionSparesTheLast(run), new AcknowledgedShardsAreDurable(run), new FactsAreDurable(run),
            new ResultEqualsUninterrupted(run), _directories, _restored, _journal, _orders,
        ];
    }

    /// <summary>A token of the past, for an order that the running keeper must refuse; null: it would not know better.</summary>
    public FencingToken? StaleToken => _orders.Stale;

    /// <summary>Fails the run when a law does not hold.</summary>
    public void Require(string claim, bool condition, string detail)
    {
        if (!condition)
            _run.World.Fail(new SimulationException($"broken: {claim}: {detail}"));
    }

    public void Changed(JobChange change) => ForAll(law => law.Changed(change));

    public void RankStarted(JobId job, Generation generation, int rank, SimulatedProcess process) =>
        ForAll(law => law.RankStarted(job, generation, rank, process));

    public void Acknowledged(JobId job, Generation generation, long step, int rank, ImmutableArray<ShardFile> files) =>
        ForAll(law => law.Acknowledged(job, generation, step, rank, files));

    public void AfterPowerLoss() => ForAll(law => law.AfterPowerLoss());

    public void AtEnd() => ForAll(law => law.AtEnd());

    public void KeeperSays(KeeperArguments keeper, ReadOnlyMemory<byte> frame)
    {
        if (NodeFrames.DecodeKeeperMessage(frame.Span) is not KeeperMessage.Facts(var facts))
            return;
        if (facts.Ranks.Any(rank => rank.SaveTrouble is not null))
            _run.Faults.LostSaves++;
        ForAll(law => law.KeeperSays(keeper, facts));
    }

    public void AgentSays(ReadOnlyMemory<byte> frame)
    {
        if (NodeFrames.DecodeOrder(frame.Span) is { } order)
            ForAll(law => law.AgentOrders(order));
    }

    public void KeeperStarted(KeeperArguments keeper, string agentDirectory)
    {
        _orders.KeeperStarted();
        _journal.KeeperStarted(keeper, agentDirectory);
    }

    public void KeeperEnded(KeeperArguments keeper, string why) => _orders.KeeperEnded(keeper, why);

    /// <summary>A rank read what it resumes from; whether it may use it.</summary>
    public bool Restored(TrainingStep step, Generation generation, int rank, byte[] bytes, long writtenBy) =>
        _restored.Check(step, generation, rank, bytes, writtenBy);

    public void Joined(string? wrong) => Require("ranks of a generation are different and start at one step", wrong is null, wrong ?? "");

    public void DirectoryGiven(JobId job, Generation generation, long step, int rank, string path, IReadOnlyList<VolumeEntry> entries) =>
        _directories.Given(job, generation, step, rank, path, entries);

    public void SaveRefused(int status, string error) =>
        Require("a due save is refused only for the disk's sake", status == 507, $"{status}: {error}");

    public void SecondWrite(WorkerAnswer? answer) =>
        Require("a path is never written twice", answer is null or WorkerAnswer.Refusal(409, _), $"the second request was answered with {answer}");

    private void ForAll(Action<ClusterInvariant> tell)
    {
        foreach (var law in _all)
            tell(law);
    }
}
