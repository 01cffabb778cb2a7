using Muster.Primitives;
using Muster.Raft;
using Muster.Simulation.Raft.Invariants;

namespace Muster.Simulation.Raft;

/// <summary>What came of a seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Broken">The law that broke, and how; nothing when all held.</param>
/// <param name="Counts">What happened, in numbers.</param>
/// <param name="VirtualSeconds">How long it lasted in virtual time.</param>
public sealed record RaftRunResult(ulong Seed, string? Broken, RunCounts Counts, double VirtualSeconds)
{
    /// <summary>The line that replays it.</summary>
    public string Replay => $"muster sim raft --seed {Seed} --explain";
}

/// <summary>One seed: a cluster under a mix of faults for a number of steps; then everything heals, and it must serve again.</summary>
public static class RaftRun
{
    /// <summary>Steps under faults, by default.</summary>
    public const long StepsDefault = 20_000;

    private const long HealMicroseconds = 10_000_000;
    private const long ForeverMicroseconds = 1L << 40;

    /// <summary>Runs a seed.</summary>
    /// <param name="seed">Everything follows from it.</param>
    /// <param name="steps">Inputs given to cores under faults.</param>
    /// <param name="listener">Gets the story, line by line, if there is one.</param>
    public static RaftRunResult Run(ulong seed, long steps = StepsDefault, Action<string>? listener = null)
    {
        var chance = new SeededRandom(seed);
        var settings = WorldSettings.Draw(chance.Split());
        var mix = FaultMix.Draw(chance.Split());
        listener?.Invoke(settings.ToString());
        listener?.Invoke(mix.ToString());
        return Run(seed, steps, settings, mix, listener);
    }

    /// <summary>Runs a seed with three voters, whatever it would have drawn: what benchmarks compare.</summary>
    public static RaftRunResult RunOfThree(ulong seed)
    {
        var chance = new SeededRandom(seed);
        var settings = WorldSettings.Draw(chance.Split()) with { Voters = 3 };
        return Run(seed, StepsDefault, settings, FaultMix.Draw(chance.Split()) with { ChangeWeight = 0 }, null);
    }

    internal static RaftRunResult Run(ulong seed, long steps, WorldSettings settings, FaultMix mix, Action<string>? listener)
    {
        var world = new RaftWorld(seed, settings, listener);
        string? broken = null;
        try
        {
            var clients = Begin(world, mix, out var faults);
            world.Run(ForeverMicroseconds, steps);
            faults.Heal();
            ServeAgain(world, clients);
        }
        catch (Exception broke) when (broke is BrokenLawException or InvariantBrokenException)
        {
            broken = broke.Message;
            world.Story.Tell(world.Now, "BROKEN " + broken);
        }

        return new(seed, broken, world.Counts, world.Now / 1e6);
    }

    internal static Clients Begin(RaftWorld world, FaultMix mix, out FaultInjector faults)
    {
        var first = Recovered.First(Configuration.OfVoters(Enumerable.Range(1, world.Settings.Voters).Select(id => new MemberId((ulong)id))));
        world.Decided.StartAt(first.Snapshot!.Position.Index);
        foreach (var voter in first.Snapshot.Configuration.Voters)
            world.Add(voter, first);
        var clients = new Clients(world, everyMicroseconds: 5000);
        var injector = faults = new FaultInjector(world, mix);
        world.OnOther = what => (what.Kind == EventKind.Client ? clients.Act : (Action)injector.Act)();
        return clients;
    }

    /// <summary>Liveness, once faults have ended: something new is decided, read, and applied by every member, within a bound.</summary>
    private static void ServeAgain(RaftWorld world, Clients clients)
    {
        var deadline = world.Now + HealMicroseconds;
        var (acknowledged, reads) = (world.Counts.Acknowledged, world.Counts.Reads);
        var healed = world.Decided.Last;
        world.Run(deadline, long.MaxValue, () => (world.Counts.Steps & 63) == 0 && Serves(world, acknowledged, reads, healed));
        if (!Serves(world, acknowledged, reads, healed))
            throw new BrokenLawException("ServesAgain", $"not within {HealMicroseconds / 1e6:0} s after faults ended: {Describe(world)}");
        _ = clients;
    }

    private static bool Serves(RaftWorld world, long acknowledged, long reads, LogIndex healed)
    {
        var leader = world.Members.Where(member => member.Core?.Role == Role.Leader).MaxBy(member => member.Core!.Term.Number);
        return leader is not null && world.Counts.Acknowledged > acknowledged && world.Counts.Reads > reads
            && leader.Core!.Configuration.Everyone.All(id => world.Find(id) is { IsUp: true } member && member.Core!.Applied > healed);
    }

    private static string Describe(RaftWorld world) => string.Join("; ", world.Members.Select(member => member.Core is { } core
        ? $"{core.Id} {core.Role} term {core.Term} last {core.Last} committed {core.Committed} applied {core.Applied} {core.Configuration}"
        : $"{member.Id} down"));
}
