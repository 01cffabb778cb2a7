using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Processes;

namespace Muster.Simulation.Kernel;

/// <summary>A machine: a clock, a process table, and a power cord.</summary>
public sealed class SimulatedHost
{
    private readonly SortedDictionary<string, int> _incarnations = new(StringComparer.Ordinal);
    private readonly List<Action> _powerLost = [];

    internal SimulatedHost(SimulatedWorld world, string name)
    {
        (World, Name) = (world, name);
        Clock = new HostClock(world);
        Table = new ProcessTable(this);
    }

    /// <summary>The world it is in.</summary>
    public SimulatedWorld World { get; }

    /// <summary>Its name, which is its address: <c>tcp:NAME:PORT</c>.</summary>
    public string Name { get; }

    /// <summary>Its clocks.</summary>
    public HostClock Clock { get; }

    /// <summary>Whether it has power.</summary>
    public bool IsUp { get; private set; } = true;

    /// <summary>Counts its starts from 1; links of an earlier one are dead.</summary>
    public int Boot { get; private set; } = 1;

    /// <summary>Its processes.</summary>
    public ProcessTable Table { get; }

    /// <summary>Starts a process of its own, as init would: nobody's child.</summary>
    /// <param name="name">Names it in traces and crash plans; started again, it is the next incarnation.</param>
    /// <param name="main">What it does until it exits.</param>
    public SimulatedProcess Start(string name, Func<SimulatedProcess, Task<int>> main)
    {
        Invariant.Require(IsUp);
        return Table.Start(name, main, new ProcessStart { Command = [name], WorkingDirectory = "/", Environment = NoEnvironment, Detached = true }, null, null);
    }

    /// <summary>Starts a process and starts it again, after a delay, whenever it has ended otherwise than with exit code 0.</summary>
    public void KeepRunning(string name, Func<SimulatedProcess, Task<int>> main, TimeSpan delay)
    {
        var boot = Boot;
        var process = Start(name, main);
        process.OnEnd(status => World.After(delay, () =>
        {
            if (!status.IsSuccess && IsUp && Boot == boot)
                KeepRunning(name, main, delay);
        }));
    }

    /// <summary>Loses power: every process is gone at once and no link is told.</summary>
    public void LosePower()
    {
        World.Trace.Record(World.Now, Name, "host loses power");
        IsUp = false;
        Table.EndAll();
        foreach (var lost in _powerLost)
            lost();
    }

    /// <summary>Has power again, with an empty process table and a new monotonic clock.</summary>
    public void PowerOn()
    {
        World.Trace.Record(World.Now, Name, "host boots");
        (IsUp, Boot) = (true, Boot + 1);
        Clock.Restart();
        World.Network.PumpStalled();   // what others sent to its earlier life is answered with a reset
    }

    /// <summary>Calls back whenever power is lost: where a disk loses what was not synced.</summary>
    public void OnPowerLoss(Action lost) => _powerLost.Add(lost);

    internal int NextIncarnation(string name) => _incarnations[name] = _incarnations.GetValueOrDefault(name) + 1;

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, string> NoEnvironment { get; } =
        System.Collections.Immutable.ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
