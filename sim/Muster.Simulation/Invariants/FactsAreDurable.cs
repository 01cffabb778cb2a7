using Muster.Agent.Keeping;
using Muster.Codecs.Nodes;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Simulation.Cluster;

namespace Muster.Simulation.Invariants;

/// <summary>A keeper tells exits and shards only when they are durable in its journal.</summary>
/// <remarks>Source: design §5: it syncs each exit code before telling it; §6, step 4: a durable fact.</remarks>
internal sealed class FactsAreDurable(ClusterRun run) : ClusterInvariant(run)
{
    private readonly SortedSet<string> _known = new(StringComparer.Ordinal);

    public override string Claim => "a keeper tells what is durable";

    public override void KeeperSays(KeeperArguments keeper, JobFacts facts)
    {
        var exits = facts.Ranks.Where(rank => rank.Exit is not null && _known.Add($"{facts.Generation}/{rank.Rank}/exit")).ToList();
        var shards = facts.Shards.Where(shard => _known.Add($"{facts.Generation}/{shard.Rank}/{shard.Step}")).ToList();
        if (exits.Count == 0 && shards.Count == 0)
            return;
        var journal = Read(keeper);
        foreach (var rank in exits)
            Require(journal?.Generation == facts.Generation && journal.Exits.Any(exit => exit.Rank == rank.Rank && exit.Exit == rank.Exit),
                $"the exit of rank {rank.Rank} of generation {facts.Generation} is told and not durable");
        foreach (var shard in shards)
        {
            Require(journal?.Generation == facts.Generation && journal.Shards.Any(kept => kept.Rank == shard.Rank && kept.Step == shard.Step),
                $"shard {shard.Step} of rank {shard.Rank} of generation {facts.Generation} is told and not in the journal");
            Run.Invariants.Acknowledged(facts.Job, facts.Generation, shard.Step.Number, shard.Rank.Number, shard.Files);
        }
    }

    private KeeperJournal? Read(KeeperArguments keeper) =>
        JournalBytes.Of(Run.Host.FilesDisk.ReadDurable($"{keeper.Directory.Trim('/')}/journal")) is { } json ? NodeDocuments.DecodeKeeperJournal(json) : null;
}

/// <summary>A journal's content behind its first line.</summary>
internal static class JournalBytes
{
    public static byte[]? Of(byte[]? file) => file is null ? null : file[(Array.IndexOf(file, (byte)'\n') + 1)..];
}
