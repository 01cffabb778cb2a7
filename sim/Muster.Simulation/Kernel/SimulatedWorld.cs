using Muster.Primitives;
using Muster.Simulation.Network;

namespace Muster.Simulation.Kernel;

/// <summary>Hosts, their processes and the network between them, run by one thread in virtual time.</summary>
/// <remarks>
/// Each process has a queue of work, run in order, as a loop's thread would; whose turn is next is drawn from the seed. When
/// nobody has work, time moves to the next event. Equal seeds and programs give equal traces, in any OS process.
/// Everything here belongs to the thread that made it.
/// </remarks>
public sealed class SimulatedWorld
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly PriorityQueue<Action, (long Time, long Number)> _events = new();
    private readonly List<SimulatedProcess> _ready = [];
    private readonly SortedDictionary<string, SimulatedHost> _hosts = new(StringComparer.Ordinal);
    private readonly SeededRandom _turns;
    private long _now;
    private long _eventNumber;
    private int _stepsNow;
    private int _processNumber;
    private Exception? _failure;

    /// <summary>A world with no hosts.</summary>
    public SimulatedWorld(ulong seed, SimulationOptions? options = null)
    {
        Seed = seed;
        Options = options ?? new SimulationOptions();
        Trace = new Trace(Options.TraceLines);
        var chance = new SeededRandom(seed);
        _turns = chance.Split();
        Faults = chance.Split();
        Network = new SimulatedNetwork(this, chance.Split());
    }

    /// <summary>What every choice in this world derives from.</summary>
    public ulong Seed { get; }

    /// <summary>How it is run.</summary>
    public SimulationOptions Options { get; }

    /// <summary>What happened.</summary>
    public Trace Trace { get; }

    /// <summary>The network between the hosts.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>Chance for the scenario's own choices, apart from the world's.</summary>
    public SeededRandom Faults { get; }

    /// <summary>True time since the world began; no process sees it.</summary>
    public TimeSpan Now => new(_now);

    /// <summary>The hosts, by name.</summary>
    public IReadOnlyDictionary<string, SimulatedHost> Hosts => _hosts;

    /// <summary>Programs that simulated processes can start: the command's first word, and what it does until it exits.</summary>
    public SortedDictionary<string, Func<SimulatedProcess, Task<int>>> Programs { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds a host, up and empty.</summary>
    public SimulatedHost AddHost(string name)
    {
        var host = new SimulatedHost(this, name);
        _hosts.Add(name, host);
        return host;
    }

    /// <summary>Does something later, outside every process: a fault, a check, a client.</summary>
    public void After(TimeSpan delay, Action action)
    {
        RequireThread("world", "something was scheduled");
        Invariant.Require(delay >= TimeSpan.Zero);
        _events.Enqueue(action, (_now + delay.Ticks, _eventNumber++));
    }

    /// <summary>Runs for a while.</summary>
    /// <exception cref="SimulationException">A process broke an invariant, left its loop, or spins.</exception>
    public void RunFor(TimeSpan duration)
    {
        var end = _now + duration.Ticks;
        while (StepBefore(end))
        {
        }

        _now = end;
    }

    /// <summary>Runs until something holds; it is checked after every piece of work.</summary>
    /// <returns>Whether it came to hold within the duration.</returns>
    /// <exception cref="SimulationException">A process broke an invariant, left its loop, or spins.</exception>
    public bool RunUntil(Func<bool> condition, TimeSpan within)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var end = _now + within.Ticks;
        while (!condition())
        {
            if (StepBefore(end))
                continue;
            _now = end;
            return condition();
        }

        return true;
    }

    /// <summary>Requires the simulation's thread.</summary>
    /// <exception cref="ForeignContinuationException">Called from another; the run fails too.</exception>
    internal void RequireThread(string process, string what)
    {
        if (!IsOnThread(process, what))
            throw new ForeignContinuationException(process, what);
    }

    /// <summary>Whether the caller is on the simulation's thread; if not, the run fails.</summary>
    internal bool IsOnThread(string process, string what)
    {
        if (Environment.CurrentManagedThreadId == _thread)
            return true;
        Fail(new ForeignContinuationException(process, what));
        return false;
    }

    /// <summary>Ends the run with a verdict; may be called from any thread, the first counts.</summary>
    internal void Fail(Exception failure) => Interlocked.CompareExchange(ref _failure, failure, null);

    internal TimeSpan DrawLateness() =>
        Options.TimersLateBy > TimeSpan.Zero ? _turns.Between(TimeSpan.Zero, Options.TimersLateBy) : TimeSpan.Zero;

    internal int NextProcessNumber() => ++_processNumber;

    internal void MakeReady(SimulatedProcess process) => _ready.Add(process);

    private bool StepBefore(long end)
    {
        RequireThread("world", "run");
        Judge();
        if (_ready.Count > 0)
        {
            RunOne();
            Judge();
            return true;
        }

        if (!_events.TryPeek(out var action, out var due) || due.Time > end)
            return false;
        _events.Dequeue();
        if (due.Time > _now)
            (_now, _stepsNow) = (due.Time, 0);
        action();
        Judge();
        return true;
    }

    private void RunOne()
    {
        if (++_stepsNow > Options.StepsPerInstantMax)
            Fail(new SimulationException($"more than {Options.StepsPerInstantMax} pieces of work at one instant: something spins"));
        var index = _ready.Count == 1 ? 0 : _turns.Next(_ready.Count);
        var process = _ready[index];
        Trace.Step(Now, process.Number);
        if (!process.RunNext())
        {
            _ready[index] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
        }
    }

    private void Judge()
    {
        if (Volatile.Read(ref _failure) is { } failure)
            throw new SimulationException($"seed {Seed} at {Now.TotalSeconds:0.000000} s, trace {Trace.Hash:x16}: {failure.Message}", failure);
    }
}
