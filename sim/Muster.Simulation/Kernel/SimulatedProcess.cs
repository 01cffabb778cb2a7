using System.Collections.Immutable;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Network;
using Muster.Simulation.Processes;

namespace Muster.Simulation.Kernel;

/// <summary>A process of a simulated host: one loop and its seams. Once dead it has no effect on anything.</summary>
public sealed class SimulatedProcess : ICrashPoint
{
    private const int SigKill = 9, SigAbort = 6, SigStop = 19, SigContinue = 18;

    private readonly Queue<Action> _work = new();
    private readonly SimulatedContext _context;
    private readonly SortedDictionary<int, Action> _handlers = [];
    private readonly TaskCompletionSource _never = new();
    private readonly List<Action<ExitStatus>> _onEnd = [];
    private readonly Inbox<ReadOnlyMemory<byte>> _input = new("standard input");
    private long _effects;
    private volatile bool _isDead;   // read by other threads too, to tell what may be ignored
    private bool _isReady;
    private bool _isStopped;
    private TimeSpan _pausedUntil;

    internal SimulatedProcess(SimulatedHost host, string name, ProcessId id, ProcessStart start)
    {
        (Host, Name, Id, Start) = (host, name, id, start);
        (Incarnation, Number) = (host.NextIncarnation(name), World.NextProcessNumber());
        Process = $"{host.Name}/{name}#{Incarnation}";
        Chance = new SeededRandom(World.Seed ^ ((ulong)Number * 0x9E3779B97F4A7C15));
        _context = new SimulatedContext(this);
        Time = new SimulatedTime(this);
        Transport = new SimulatedTransport(this);
        Processes = new SimulatedProcesses(this);
    }

    /// <summary>Its host.</summary>
    public SimulatedHost Host { get; }

    /// <summary>The world it is in.</summary>
    public SimulatedWorld World => Host.World;

    /// <summary>Its name, the same in every incarnation.</summary>
    public string Name { get; }

    /// <summary>Counts its starts under this name on this host, from 1.</summary>
    public int Incarnation { get; }

    /// <summary>Counts all processes of the world, from 1.</summary>
    public int Number { get; }

    /// <inheritdoc/>
    public string Process { get; }

    /// <summary>Its place in the process table.</summary>
    public ProcessId Id { get; }

    /// <summary>What it was started with.</summary>
    public ProcessStart Start { get; }

    /// <summary>Chance of its own.</summary>
    public SeededRandom Chance { get; }

    /// <inheritdoc/>
    public TimeProvider Time { get; }

    /// <summary>Its links.</summary>
    public ITransport Transport { get; }

    /// <summary>Its children and its host's process table.</summary>
    public IProcesses Processes { get; }

    /// <summary>What its parent writes to it, and then the end.</summary>
    public Inbox<ReadOnlyMemory<byte>> Input => _input;

    /// <inheritdoc/>
    public bool IsDead => _isDead;

    /// <summary>How it ended; null while it lives.</summary>
    public ExitStatus? Status { get; private set; }

    /// <inheritdoc/>
    public Task Never => _never.Task;

    /// <summary>How many effects it has announced.</summary>
    public long Effects => _effects;

    /// <inheritdoc/>
    public bool Effect(string what)
    {
        World.RequireThread(Process, what);
        if (IsDead)
            return false;
        if (World.Options.Crashes.KillsBefore(this, ++_effects, what))
        {
            World.Trace.Record(World.Now, Process, $"killed before effect {_effects}: {what}");
            Kill();
            return false;
        }

        World.Trace.Record(World.Now, Process, what);
        return true;
    }

    /// <inheritdoc/>
    public void Fact(string what) => World.Trace.Record(World.Now, Process, what);

    /// <summary>Ends it at once, as SIGKILL would.</summary>
    public void Kill() => End(new ExitStatus(0, SigKill));

    /// <summary>Holds it for a while, as a debugger, a garbage collector or a busy host would; its timers then come late.</summary>
    public void Pause(TimeSpan duration)
    {
        Fact($"paused for {duration.Ticks}");
        _pausedUntil = World.Now + duration;
        World.After(duration, WakeUp);
    }

    /// <summary>Replaces what a signal does by default, which is to end the process.</summary>
    public void OnSignal(int signal, Action handler) => _handlers[signal] = handler;

    /// <summary>Writes to standard output.</summary>
    public void Write(ReadOnlyMemory<byte> bytes)
    {
        if (Effect($"output {bytes.Length} {Trace.Digest(bytes.Span):x8}"))
            Host.Table.DeliverOutput(this, bytes.ToArray());
    }

    /// <summary>Calls back, outside every process, when it has ended.</summary>
    public void OnEnd(Action<ExitStatus> ended)
    {
        if (Status is { } status)
            ended(status);
        else
            _onEnd.Add(ended);
    }

    internal void Run(Func<SimulatedProcess, Task<int>> main) => Enqueue(() => _ = RunMainAsync(main));

    internal void Enqueue(Action work)
    {
        if (IsDead)
            return;
        _work.Enqueue(work);
        WakeUp();
    }

    /// <summary>Runs the next piece of work; false when it has no more to do now.</summary>
    internal bool RunNext()
    {
        if (_work.Count > 0 && MayRun)
        {
            var outer = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(_context);
            try
            {
                _work.Dequeue()();
            }
#pragma warning disable CA1031 // The simulated process's top: in production this is where the process ends itself.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Failed(failure);
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(outer);
            }
        }

        _isReady = _work.Count > 0 && MayRun;
        return _isReady;
    }

    internal void Receive(int signal)
    {
        if (IsDead || signal == 0)
            return;
        Fact($"signal {signal}");
        if (signal is SigStop or SigContinue)
        {
            _isStopped = signal == SigStop;
            WakeUp();
        }
        else if (signal != SigKill && _handlers.TryGetValue(signal, out var handler))
        {
            Enqueue(handler);
        }
        else
        {
            End(new ExitStatus(0, signal));
        }
    }

    internal void End(ExitStatus status)
    {
        if (IsDead)
            return;
        Fact($"ends: {status}");
        (Status, _isDead) = (status, true);
        _work.Clear();
        World.Network.ProcessEnded(this);
        Host.Table.Ended(this, status);
        foreach (var ended in _onEnd.ToImmutableArray())
            ended(status);
    }

    private bool MayRun => !_isStopped && World.Now >= _pausedUntil;

    private void WakeUp()
    {
        if (_isReady || _work.Count == 0 || !MayRun)
            return;
        _isReady = true;
        World.MakeReady(this);
    }

    private async Task RunMainAsync(Func<SimulatedProcess, Task<int>> main)
    {
        try
        {
            var code = await main(this);
            End(new ExitStatus(code, 0));
        }
#pragma warning disable CA1031 // The simulated process's top.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Failed(failure);
        }
    }

    private void Failed(Exception failure)
    {
        if (IsDead)
            return;   // what a dead process trips over is nobody's defect
        Fact($"fails: {failure.GetType().Name}");
        if (!World.Options.IsCrash(failure))
            World.Fail(new SimulationException($"{Process}: {failure.GetType().Name}: {failure.Message}", failure));
        End(new ExitStatus(0, SigAbort));
    }
}
