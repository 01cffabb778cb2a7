using Muster.Agent.Keeping;
using Muster.Codecs.Nodes;
using Muster.Primitives;
using Muster.Simulation.Cluster;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Invariants;

/// <summary>Nothing is started that a crash could make forgotten: keepers are in the agent's journal, generations in the keeper's.</summary>
/// <remarks>Source: design §5, step 4: each agent journals the start and has the keeper launch its ranks.</remarks>
internal sealed class JournalBeforeStart(ClusterRun run) : ClusterInvariant(run)
{
    public override string Claim => "what is started is in a journal";

    public void KeeperStarted(KeeperArguments keeper, string agentDirectory)
    {
        var json = JournalBytes.Of(Run.Host.FilesDisk.ReadDurable($"{agentDirectory.Trim('/')}/journal"));
        Require(json is not null && NodeDocuments.DecodeAgentJournal(json).Jobs.Any(held => held.Job == keeper.Job),
            $"the keeper of {keeper.Job} is started and its agent's durable journal does not name the job");
    }

    public override void RankStarted(JobId job, Generation generation, int rank, SimulatedProcess process)
    {
        var json = JournalBytes.Of(Run.Host.FilesDisk.ReadDurable($"muster/agent/keepers/{job}/journal"));
        Require(json is not null && NodeDocuments.DecodeKeeperJournal(json).Generation == generation,
            $"rank {rank} of generation {generation} is started and its keeper's durable journal does not name the generation");
        var known = Run.History.Job(job).Generations.ContainsKey(generation.Number);
        Require(known, $"rank {rank} of generation {generation} is started and the store has shown no such generation");
    }
}
