using Muster.Primitives;
using Muster.Raft;
using Muster.Simulation.Raft.Invariants;

namespace Muster.Simulation.Raft.SmallScope;

/// <summary>What an exploration came to.</summary>
/// <param name="States">Distinct states met.</param>
/// <param name="Moves">Moves made from them, each checked by every law.</param>
/// <param name="Depth">Moves from the beginning to the states furthest away.</param>
/// <param name="IsComplete">Every state that can be reached was met.</param>
/// <param name="Broken">The law that broke; nothing when all held.</param>
/// <param name="Path">The moves to where it broke.</param>
internal sealed record ExplorationResult(long States, long Moves, int Depth, bool IsComplete, string? Broken, IReadOnlyList<Move> Path);

/// <summary>Every interleaving of a small world, breadth first, each state once.</summary>
/// <remarks>A state is kept as the way to it and made again when it is looked at: real cores cannot be copied, and need not be.</remarks>
internal static class Exploration
{
    private sealed record Visit(Visit? Before, Move Move, int Depth)
    {
        public Move[] Path()
        {
            var path = new Move[Depth];
            for (var visit = this; visit.Before is not null; visit = visit.Before)
                path[visit.Depth - 1] = visit.Move;
            return path;
        }
    }

    public static ExplorationResult Run(Scope scope, long statesMax)
    {
        var seen = new HashSet<UInt128>();
        var level = new List<Visit> { new(null, default, 0) };
        long moves = 0;
        var depth = 0;
        for (; level.Count > 0 && seen.Count < statesMax; depth++)
        {
            var found = new List<(UInt128 Digest, Visit Visit)>[level.Count];
            var broken = new (string? What, Visit? Where)[level.Count];
            Parallel.For(0, level.Count, i => found[i] = Expand(scope, level[i], ref broken[i]));
            moves += found.Sum(list => list.Count);
            if (Array.Find(broken, one => one.What is not null) is { What: { } what, Where: { } where })
                return new(seen.Count, moves, depth, false, what, where.Path());
            level = [];
            foreach (var (digest, visit) in found.SelectMany(list => list))
                if (seen.Add(digest))
                    level.Add(visit);
        }

        return new(seen.Count, moves, depth, level.Count == 0, null, []);
    }

    private static List<(UInt128 Digest, Visit Visit)> Expand(Scope scope, Visit visit, ref (string?, Visit?) broken)
    {
        var path = visit.Path();
        var found = new List<(UInt128, Visit)>();
        var world = Again(scope, path);
        foreach (var move in world.Moves())
        {
            var next = new Visit(visit, move, visit.Depth + 1);
            try
            {
                world ??= Again(scope, path);
                world.Make(move);
                found.Add((world.Digest(), next));
                world = null!;
            }
            catch (Exception broke) when (broke is BrokenLawException or InvariantBrokenException)
            {
                broken = (broke.Message, next);
                return found;
            }
        }

        return found;
    }

    private static SmallWorld Again(Scope scope, Move[] path)
    {
        var world = new SmallWorld(scope);
        foreach (var move in path)
            world.Make(move);
        return world;
    }
}
