using Muster.Runtime;

namespace Muster.Simulation.Kernel;

/// <summary>How a world is run.</summary>
public sealed record SimulationOptions
{
    /// <summary>Trace lines kept for explanation; default 0, only the hash is kept.</summary>
    public int TraceLines { get; init; }

    /// <summary>Pieces of work at one instant of virtual time; default 1,000,000. More: something spins, the run fails.</summary>
    public int StepsPerInstantMax { get; init; } = 1_000_000;

    /// <summary>Who is killed before which effect; default nobody.</summary>
    public ICrashPlan Crashes { get; init; } = CrashPlan.None;

    /// <summary>How late timers may be, beyond what they were set to; default 0. Each firing draws its own lateness.</summary>
    public TimeSpan TimersLateBy { get; init; }

    /// <summary>Which failures of a process's main task are a way to stop rather than a defect; default: a disk that refuses.</summary>
    public Func<Exception, bool> IsCrash { get; init; } = failure => failure is VolumeException;
}

/// <summary>Chooses where processes are killed.</summary>
public interface ICrashPlan
{
    /// <summary>Whether a process is killed now, before an effect.</summary>
    /// <param name="process">Whose effect.</param>
    /// <param name="effect">The process's effects are counted from 1; each incarnation from 1 again.</param>
    /// <param name="what">What it was about to do.</param>
    bool KillsBefore(SimulatedProcess process, long effect, string what);
}

/// <summary>Ready-made crash plans.</summary>
public static class CrashPlan
{
    /// <summary>Nobody is killed.</summary>
    public static ICrashPlan None { get; } = new Rule((_, _, _) => false);

    /// <summary>A process, such as <c>a/server#1</c>, is killed before its n-th effect: enumerate n for every crash point.</summary>
    public static ICrashPlan Before(string process, long effect) =>
        new Rule((candidate, n, _) => n == effect && candidate.Process == process);

    /// <summary>Any process for which the rule holds, at each effect with a probability.</summary>
    public static ICrashPlan Seeded(ulong seed, double probability, Func<SimulatedProcess, bool> who)
    {
        var chance = new Primitives.SeededRandom(seed);
        return new Rule((candidate, _, _) => who(candidate) && chance.Chance(probability));
    }

    private sealed class Rule(Func<SimulatedProcess, long, string, bool> rule) : ICrashPlan
    {
        public bool KillsBefore(SimulatedProcess process, long effect, string what) => rule(process, effect, what);
    }
}
