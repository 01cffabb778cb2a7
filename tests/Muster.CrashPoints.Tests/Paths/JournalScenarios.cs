using System.Globalization;
using Muster.Agent.Hosting;
using Muster.Codecs.Nodes;
using Muster.CrashPoints.Tests.Harness;
using Muster.Jobs.Agents;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.CrashPoints.Tests.Paths;

/// <summary>A journal of versions 1, 2, …: one that was acknowledged, or read, is never taken back.</summary>
public abstract class JournalScenario : CrashPointScenario
{
    private const string Directory = "host";

    private protected abstract byte[] Encode(int version);

    private protected abstract int VersionOf(byte[] json);

    public override async Task RunAsync(IVolume volume, Ledger ledger)
    {
        await volume.CreateDirectoryAsync(Directory);
        for (var version = 1; version <= 5; version++)
            await WriteAsync(volume, ledger, version);
    }

    public override async Task RecoverAsync(IVolume volume, Ledger ledger)
    {
        await volume.CreateDirectoryAsync(Directory);
        var found = await Journal(volume).ReadAsync() is { } json ? VersionOf(json) : 0;
        ledger.RequirePrefix([.. Enumerable.Range(1, found).Select(Text)]);
        ledger.Resume(Enumerable.Range(1, found).Select(Text));   // an agent tells the coordinator what it reads
        await WriteAsync(volume, ledger, found + 1);
    }

    private static JournalFile Journal(IVolume volume) => new(volume, $"{Directory}/journal");

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);

    private async Task WriteAsync(IVolume volume, Ledger ledger, int version)
    {
        ledger.Attempt(Text(version));
        await Journal(volume).WriteAsync(Encode(version));
        ledger.PromiseAll();
    }
}

/// <summary>A keeper takes down how its ranks end, before it tells.</summary>
public sealed class KeeperExits : JournalScenario
{
    public override string Name => "keeper's exit journal";

    private protected override byte[] Encode(int version) => NodeDocuments.Encode(new KeeperJournal
    {
        Keeper = new HostProcess(17, 4242),
        Generation = new Generation(3),
        Exits = [.. Enumerable.Range(0, version).Select(rank => new JournaledExit(
            new Rank(rank), 100 + rank, new TrainingStep(12), new RankExit(1, 0, rank, Asked: rank > 0, $"rank {rank} failed")))],
    });

    private protected override int VersionOf(byte[] json) => NodeDocuments.DecodeKeeperJournal(json).Exits.Length;
}

/// <summary>An agent takes down what it starts, before it does.</summary>
public sealed class AgentJobs : JournalScenario
{
    public override string Name => "agent's journal";

    private protected override byte[] Encode(int version) => NodeDocuments.Encode(new AgentJournal
    {
        Agent = "5ca1ab1e",
        Leader = new FencingToken(new ClusterId(7), new Revision(version)),
        Jobs = [.. Enumerable.Range(0, version).Select(job => new JournaledJob { Job = new JobId($"job-{job}"), Generation = new Generation(version) })],
    });

    private protected override int VersionOf(byte[] json)
    {
        var journal = NodeDocuments.DecodeAgentJournal(json);
        return journal.Leader?.Granted.Number == journal.Jobs.Length
            ? journal.Jobs.Length
            : throw new CrashPointException("the journal is a mixture");
    }
}
