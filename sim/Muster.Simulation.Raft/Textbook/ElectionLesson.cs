using Muster.Primitives;
using Muster.Raft;

namespace Muster.Simulation.Raft.Textbook;

/// <summary>The cases of the textbook on the real core, each with what happened and what it shows.</summary>
public static class ElectionLesson
{
    private const int ElectionsMin = 3000;

    /// <summary>Runs every case.</summary>
    /// <param name="seed">Everything follows from it.</param>
    /// <param name="tell">Gets the text, line by line.</param>
    /// <returns>Whether everything happened as it must.</returns>
    public static bool Tell(ulong seed, Action<string> tell)
    {
        var random = new SeededRandom(seed);
        var all = Race(random.Split(), tell) & Minority(random.Split(), tell) & Timeouts(random.Split(), tell)
            & Thousands(random.Split(), tell) & Survives(random.Split(), tell);
        tell("");
        tell("What this shows, and what it cannot");
        tell("  Safety: never two leaders in a term, and nothing decided is lost. It held in every round above, and it must hold in every");
        tell("  run whatsoever: one bad step would refute it. `muster sim raft` looks for one, after every step, under every fault.");
        tell("  Liveness: that somebody is elected in the end. No run can show it: one that has not elected anybody yet may still do so,");
        tell("  and where messages may take any time at all, no protocol is certain to get there (Fischer, Lynch, Paterson, 1985).");
        tell("  Random timeouts make it likely, quickly, once messages arrive in time; the fixed ones above show that luck is needed.");
        return all;
    }

    private static bool Race(SeededRandom random, Action<string> tell)
    {
        var world = new Lockstep(4, random);
        tell("1. Two candidates race in one term (4 members)");
        world.Campaign(0, 1);
        var term = world.Cores[0].Term;
        world.RunUntil(() => world.Leader is not null, 400);
        var votes = world.LeadersByTerm.TryGetValue(term.Number, out var winners) ? $"won by {string.Join(" and ", winners)}" : "split: nobody led";
        tell($"   Members 1 and 2 stood at once in term {term}; the term was {votes}.");
        tell($"   After {world.Elections} candidacies, {world.Leader?.Id} leads in term {world.Leader?.Term}.");
        return Report(tell, world, world.Leader is not null);
    }

    private static bool Minority(SeededRandom random, Action<string> tell)
    {
        var world = new Lockstep(5, random);
        tell("2. A minority cannot elect (5 members)");
        world.RunUntil(() => world.Leader is not null, 400);
        var old = world.Leader!;
        world.Cut([(int)old.Id.Number - 1, (int)(old.Id.Number % 5)]);
        world.RunUntil(() => world.Leader is { } leader && leader.Id != old.Id, 1000);
        var before = world.LeadersByTerm.Values.Sum(leaders => leaders.Count);
        var lonely = world.Cores[(int)(old.Id.Number % 5)];
        for (var round = 0; round < 1000; round++)
            world.Round();
        tell($"   {old.Id} led and was cut off with {lonely.Id}; the other three elected {world.Leader?.Id} in term {world.Leader?.Term}.");
        tell($"   In 1000 rounds alone, the two of them elected nobody ({world.LeadersByTerm.Values.Sum(leaders => leaders.Count) - before} leaders); {old.Id} still calls itself one, in term {old.Term}.");
        world.Mend();
        world.RunUntil(() => old.Role == Role.Follower, 1000);
        tell($"   Once the network was whole again, {old.Id} is {old.Role.ToString().ToLowerInvariant()} in term {old.Term}.");
        return Report(tell, world, old.Role == Role.Follower);
    }

    private static bool Timeouts(SeededRandom random, Action<string> tell)
    {
        tell("3. Fixed timeouts beside random ones (5 members that start together)");
        var fixedOnes = new Lockstep(5, random.Split()) { FixedTimeouts = true };
        fixedOnes.RunUntil(() => fixedOnes.Leader is not null, 20_000);
        tell($"   Fixed: {fixedOnes.Elections:N0} candidacies in {fixedOnes.Rounds:N0} rounds, {fixedOnes.LeadersByTerm.Count} leaders. Everyone votes for itself, every time.");
        var drawn = new Lockstep(5, random.Split());
        drawn.RunUntil(() => drawn.Leader is not null, 20_000);
        tell($"   Random: {drawn.Leader?.Id} leads after {drawn.Elections} candidacies and {drawn.Rounds} rounds.");
        return Report(tell, drawn, fixedOnes.Leader is null && drawn.Leader is not null);
    }

    private static bool Thousands(SeededRandom random, Action<string> tell)
    {
        tell($"4. {ElectionsMin:N0} elections, with a third of all messages lost and every leader stopped for a while (5 members)");
        var world = new Lockstep(5, random) { Loss = 0.33 };
        while (world.LeadersByTerm.Count < ElectionsMin)
        {
            world.Stopped.Clear();
            if (world.Leader is { } leader)
                world.Stopped.Add((int)leader.Id.Number - 1);
            var before = world.LeadersByTerm.Count;
            world.RunUntil(() => world.LeadersByTerm.Count > before, 5000);
            // It leads for a moment, so that the others hear of its entries and may be elected after it.
            for (var round = 0; round < 20; round++)
                world.Round();
        }

        var terms = world.LeadersByTerm.Keys.Max();
        tell($"   {world.Elections:N0} candidacies in {terms:N0} terms; {world.LeadersByTerm.Count:N0} terms had a leader, the others none.");
        tell($"   Terms with two leaders: {world.LeadersByTerm.Count(term => term.Value.Count > 1)}.");
        tell("   Terms won: " + string.Join(", ", world.LeadersByTerm.SelectMany(term => term.Value).GroupBy(id => id).OrderBy(group => group.Key)
            .Select(group => $"{group.Key}: {group.Count():N0}")) + ".");
        return Report(tell, world, true);
    }

    private static bool Survives(SeededRandom random, Action<string> tell)
    {
        tell("5. What was decided is still there (5 members)");
        var world = new Lockstep(5, random);
        world.RunUntil(() => world.Leader is not null, 400);
        var old = world.Leader!;
        world.Propose(old, "x");
        world.RunUntil(() => world.Cores.All(core => core.Committed == old.Last.Index), 400);
        var at = old.Committed;
        world.Cut([(int)old.Id.Number - 1, (int)(old.Id.Number % 5)]);
        world.Propose(old, "y");
        world.RunUntil(() => world.Leader is { } leader && leader.Id != old.Id, 1000);
        var next = world.Leader!;
        tell($"   Under {old.Id}, x was decided at {at}. Then {old.Id} was cut off with one other, and took y, which only those two could store.");
        tell($"   {next.Id} leads in term {next.Term}: x is {(world.Holds(next, "x") ? "in its log" : "LOST")}, y is {(world.Holds(next, "y") ? "there too" : "not")}.");
        world.Mend();
        world.RunUntil(() => old.Role == Role.Follower && !world.Holds(old, "y") && old.Committed == next.Committed, 2000);
        tell($"   Whole again: {old.Id} follows; its y, which was never decided, {(world.Holds(old, "y") ? "is still there" : "has given way")}; x is {(world.Holds(old, "x") ? "where it was" : "LOST")}.");
        return Report(tell, world, world.Holds(next, "x") && world.Holds(old, "x") && !world.Holds(old, "y"));
    }

    private static bool Report(Action<string> tell, Lockstep world, bool isAsItMust)
    {
        var twice = world.LeadersByTerm.Where(term => term.Value.Count > 1).Select(term => term.Key).ToList();
        if (twice.Count > 0)
            tell($"   TWO LEADERS in terms {string.Join(", ", twice)}");
        if (!isAsItMust)
            tell("   NOT AS IT MUST BE");
        tell("");
        return isAsItMust && twice.Count == 0;
    }
}
