using Muster.Runtime;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Processes;

/// <summary>A host's living processes and who started whom.</summary>
public sealed class ProcessTable
{
    private static readonly TimeSpan KernelDelay = TimeSpan.FromMicroseconds(50);
    private const int Init = 1;

    private readonly SimulatedHost _host;
    private readonly SortedDictionary<int, Entry> _living = [];
    private int _lastPid = 100;

    internal ProcessTable(SimulatedHost host) => _host = host;

    /// <summary>What was written to output files, by path.</summary>
    public SortedDictionary<string, List<byte>> OutputFiles { get; } = new(StringComparer.Ordinal);

    /// <summary>Refuses starts with a reason: no room, no such program; null lets them be.</summary>
    public Func<ProcessStart, string?>? RefuseStart { get; set; }

    /// <summary>The living processes, by pid.</summary>
    public IEnumerable<SimulatedProcess> Living => _living.Values.Select(entry => entry.Process);

    /// <summary>A living process, or null.</summary>
    public SimulatedProcess? Find(ProcessId id) =>
        _living.TryGetValue(id.Pid, out var entry) && entry.Process.Id == id ? entry.Process : null;

    internal SimulatedProcess Start(
        string name, Func<SimulatedProcess, Task<int>> main, ProcessStart start, SimulatedProcess? parent, IProcessEvents? events)
    {
        var id = new ProcessId(++_lastPid, _host.Clock.MonotonicTicks / 100_000);
        var process = new SimulatedProcess(_host, name, id, start);
        _living.Add(id.Pid, new Entry(process, parent, events) { ParentPid = parent?.Id.Pid ?? Init });
        process.Fact($"starts as {id} on {_host.Name}");
        process.Run(main);
        return process;
    }

    internal void Ended(SimulatedProcess process, ExitStatus status)
    {
        if (!_living.Remove(process.Id.Pid, out var ended))
            return;
        foreach (var child in _living.Values.Where(entry => entry.Parent == process).ToList())
        {
            if (child.Process.Start.Detached)
                (child.Parent, child.ParentPid) = (null, Init);
            else
                child.Process.Kill();   // the kernel's parent-death signal
        }

        Tell(ended, (events, id) => events.Exited(id, status));
    }

    internal void EndAll()
    {
        foreach (var entry in _living.Values.ToList())
        {
            entry.Parent = null;   // nobody is told
            entry.Process.Kill();
        }
    }

    internal void DeliverOutput(SimulatedProcess process, byte[] bytes)
    {
        var entry = _living[process.Id.Pid];
        if (process.Start.OutputFile is not { } path)
            Tell(entry, (events, id) => events.Output(id, bytes));
        else if (OutputFiles.TryGetValue(path, out var file))
            file.AddRange(bytes);
        else
            OutputFiles.Add(path, [.. bytes]);
    }

    internal IReadOnlyList<TaggedProcess> ListTagged() =>
        [.. _living.Values.Where(entry => entry.Tags.Count > 0)
            .Select(entry => new TaggedProcess(entry.Process.Id, entry.ParentPid, entry.Process.Id.Pid, entry.Tags))];

    // Output and exit take the same time, so that the exit comes after all output.
    private void Tell(Entry entry, Action<IProcessEvents, ProcessId> what)
    {
        if (entry is { Parent: { } parent, Events: { } events })
            _host.World.After(KernelDelay, () => parent.Enqueue(() => what(events, entry.Process.Id)));
    }

    private sealed class Entry(SimulatedProcess process, SimulatedProcess? parent, IProcessEvents? events)
    {
        public SimulatedProcess Process { get; } = process;

        public SimulatedProcess? Parent { get; set; } = parent;

        public int ParentPid { get; set; }

        public IProcessEvents? Events { get; } = events;

        public System.Collections.Immutable.ImmutableSortedDictionary<string, string> Tags { get; } =
            process.Start.Environment.RemoveRange(process.Start.Environment.Keys.Where(key => !key.StartsWith("MUSTER_", StringComparison.Ordinal)));
    }
}
