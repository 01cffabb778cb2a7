using Muster.Runtime;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Processes;

/// <summary>The process seam of one simulated process: it starts programs registered with the world, on its own host.</summary>
internal sealed class SimulatedProcesses(SimulatedProcess self) : IProcesses
{
    private ProcessTable Table => self.Host.Table;

    public ProcessId Start(ProcessStart start, IProcessEvents events)
    {
        var program = start.Command[0];
        if (!self.Effect($"start {string.Join(' ', start.Command)}"))
            return default;
        if (Table.RefuseStart?.Invoke(start) is { } reason)
            throw new ProcessStartException(program, reason);
        if (!self.World.Programs.TryGetValue(program, out var main))
            throw new ProcessStartException(program, "no such program in this world; register it in SimulatedWorld.Programs");
        return Table.Start(program, main, start, self, events).Id;
    }

    public void SignalGroup(ProcessId leader, int signal) => Signal(leader, signal);   // a simulated program is a group of one

    public void Signal(ProcessId process, int signal)
    {
        if (self.Effect($"signal {signal} to {process}"))
            Table.Find(process)?.Receive(signal);
    }

    public bool IsGroupAlive(ProcessId leader) => IsAlive(leader);

    public bool IsAlive(ProcessId process) => Table.Find(process) is not null;

    public bool WriteInput(ProcessId process, ReadOnlyMemory<byte> bytes, bool close)
    {
        if (!self.Effect($"input {bytes.Length} {Trace.Digest(bytes.Span):x8} to {process}"))
            return false;
        if (Table.Find(process) is not { Start.KeepInput: true } target)
            return false;
        var copy = bytes.ToArray();
        target.Enqueue(() =>
        {
            if (copy.Length > 0)
                target.Input.Post(copy);
            if (close)
                target.Input.Complete();
        });
        return true;
    }

    public IReadOnlyList<TaggedProcess> ListTagged() => Table.ListTagged();
}
