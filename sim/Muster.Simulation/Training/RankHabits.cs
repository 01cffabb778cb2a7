using Muster.Primitives;

namespace Muster.Simulation.Training;

/// <summary>How one rank's program behaves in one life.</summary>
public sealed record RankHabits
{
    /// <summary>As it should.</summary>
    public static RankHabits Good { get; } = new();

    /// <summary>Steps take this many times as long.</summary>
    public double Slowness { get; init; } = 1;

    /// <summary>Ends after this many steps of this life; null: never by itself.</summary>
    public long? EndsAfter { get; init; }

    /// <summary>How it ends then: an exit code, 0 for leaving early as if all were done.</summary>
    public int ExitCode { get; init; }

    /// <summary>Or a signal; 0: none.</summary>
    public int Signal { get; init; }

    /// <summary>Instead of ending it stands still.</summary>
    public bool Hangs { get; init; }

    /// <summary>It says that it cannot load the checkpoint, and ends.</summary>
    public bool FailsToLoad { get; init; }

    /// <summary>It gives up its first save.</summary>
    public bool FailsToSave { get; init; }

    /// <summary>It ends between writing its files and saying so.</summary>
    public bool DiesInSave { get; init; }

    /// <summary>It asks to write a step that it has written.</summary>
    public bool SavesTwice { get; init; }

    /// <summary>It ignores SIGTERM.</summary>
    public bool IgnoresTerminate { get; init; }

    /// <summary>It never joins.</summary>
    public bool NeverJoins { get; init; }

    /// <summary>It saves in the background.</summary>
    public bool Background { get; init; }

    /// <summary>Draws the habits of a life; most are good.</summary>
    /// <param name="chance">Whose.</param>
    /// <param name="badness">Chance of each bad habit.</param>
    public static RankHabits Draw(SeededRandom chance, double badness)
    {
        var habits = Good with { Background = chance.Chance(0.3) };
        if (chance.Chance(badness))
            habits = habits with { Slowness = 1 + (4 * chance.NextDouble()) };
        if (chance.Chance(badness))
            habits = habits with { IgnoresTerminate = true };
        if (!chance.Chance(badness * 2))
            return habits;
        var steps = chance.Next(12);
        return chance.Next(10) switch
        {
            0 or 1 => habits with { EndsAfter = steps, ExitCode = 1 + chance.Next(3) },
            2 => habits with { EndsAfter = steps, Signal = 11 },
            3 => habits with { EndsAfter = steps, Hangs = true },
            4 => habits with { EndsAfter = steps },
            5 => habits with { FailsToLoad = true },
            6 => habits with { FailsToSave = true },
            7 => habits with { DiesInSave = true },
            8 => habits with { SavesTwice = true },
            _ => habits with { NeverJoins = true },
        };
    }
}
