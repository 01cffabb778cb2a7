using System.Runtime.InteropServices;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Agent.Processes;

/// <summary>The processes of this host, as Linux has them.</summary>
/// <remarks>
/// A child is reaped only by this class, under its lock: until then its pid cannot belong to another process, so a signal never
/// reaches a stranger. One instance per process. May be used from any thread.
/// </remarks>
#pragma warning disable CA1001 // Lives as long as the process does.
public sealed class PosixProcesses : IProcesses
#pragma warning restore CA1001
{
    private sealed record Child(ProcessId Id, IProcessEvents Events)
    {
        public int Input { get; init; } = -1;
    }

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Child> _children = [];
    private readonly AutoResetEvent _born = new(false);
    private readonly Spawner _spawner = new();
    private readonly OutputPump _pump = new();
    private readonly int _nowhere = Libc.Open("/dev/null", Libc.ReadOnly | Libc.CloseOnExec, 0);

    /// <summary>Starts to watch for ends.</summary>
    /// <param name="adoptOrphans">Whether descendants whose parent ends become children of this process: then none is lost from sight.</param>
    public PosixProcesses(bool adoptOrphans = false)
    {
        if (adoptOrphans)
            Libc.BecomeSubreaper();
        new Thread(Reap) { IsBackground = true, Name = "reap" }.Start();
    }

    /// <summary>This process.</summary>
    public static ProcessId Self => ProcessTable.Find(Environment.ProcessId)!.Value.Id;

    /// <inheritdoc/>
    public ProcessId Start(ProcessStart start, IProcessEvents events)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(events);
        var program = ProgramPath.Resolve(start.Command[0], start.WorkingDirectory, start.Environment);
        var input = start.KeepInput ? Libc.NewPipe() : (Read: -1, Write: -1);
        var output = start.OutputFile is null ? Libc.NewPipe() : (Read: -1, Write: OpenOutput(start));
        try
        {
            lock (_gate)
            {
                var pid = _spawner.Start(start, program, start.KeepInput ? input.Read : _nowhere, output.Write);
                // Reaping waits for the lock, so that the line is there even when the process has ended already.
                var id = ProcessTable.Find(pid)!.Value.Id;
                _children[pid] = new Child(id, events) { Input = input.Write };
                if (output.Read >= 0)
                    _pump.Add(output.Read, id, events);
                _born.Set();
                return id;
            }
        }
        catch (IOException)
        {
            CloseAll(input.Write, output.Read);
            throw;
        }
        finally
        {
            CloseAll(input.Read, output.Write);
        }
    }

    /// <inheritdoc/>
    public void SignalGroup(ProcessId leader, int signal)
    {
        lock (_gate)
        {
            if (_children.TryGetValue(leader.Pid, out var child) && child.Id == leader)
            {
                _ = Libc.Kill(-leader.Pid, signal);
                return;
            }
        }

        // The leader has been reaped: its number may be a stranger's group by now, so members are taken one by one.
        foreach (var member in ProcessTable.All())
            if (IsMember(member, leader))
                Signal(member.Id, signal);
    }

    /// <inheritdoc/>
    public void Signal(ProcessId process, int signal)
    {
        lock (_gate)
        {
            if (ProcessTable.Find(process.Pid) is { } line && line.Id == process)
                _ = Libc.Kill(process.Pid, signal);
        }
    }

    /// <inheritdoc/>
    public bool IsGroupAlive(ProcessId leader) => ProcessTable.All().Any(member => IsMember(member, leader));

    /// <inheritdoc/>
    public bool IsAlive(ProcessId process) =>
        ProcessTable.Find(process.Pid) is { IsAlive: true } line && line.Id == process;

    /// <inheritdoc/>
    public unsafe bool WriteInput(ProcessId process, ReadOnlyMemory<byte> bytes, bool close)
    {
        lock (_gate)
        {
            if (!_children.TryGetValue(process.Pid, out var child) || child.Id != process || child.Input < 0)
                return false;
            var written = true;
            fixed (byte* start = bytes.Span)
                for (nint done = 0; written && done < bytes.Length;)
                {
                    var count = Libc.Write(child.Input, start + done, bytes.Length - done);
                    written = count > 0 || (count < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted);
                    done += Math.Max(count, 0);
                }

            if (close || !written)
            {
                CloseAll(child.Input);
                _children[process.Pid] = child with { Input = -1 };
            }

            return written;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Children of this process come too, tags or not: orphans that it adopted may have dropped their environment.</remarks>
    public IReadOnlyList<TaggedProcess> ListTagged()
    {
        var found = new List<TaggedProcess>();
        foreach (var line in ProcessTable.All())
        {
            if (!line.IsAlive || line.Id.Pid == Environment.ProcessId)
                continue;
            var tags = ProcessTable.Tags(line.Id.Pid);
            if (tags.Count > 0 || line.Parent == Environment.ProcessId)
                found.Add(new TaggedProcess(line.Id, line.Parent, line.Group, tags));
        }

        found.Sort((left, right) => left.Id.Pid.CompareTo(right.Id.Pid));
        return found;
    }

    private static bool IsMember(ProcessLine line, ProcessId leader) =>
        line.IsAlive && line.Group == leader.Pid && line.Id.StartTicks >= leader.StartTicks;

    private static int OpenOutput(ProcessStart start)
    {
        const int mode = 0x180;   // 0600: output may hold secrets
        var descriptor = Libc.Open(start.OutputFile!, Libc.WriteOnly | Libc.Create | Libc.Append | Libc.CloseOnExec, mode);
        return descriptor >= 0 ? descriptor : throw new ProcessStartException(
            start.Command[0], $"its output file '{start.OutputFile}' cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static void CloseAll(params ReadOnlySpan<int> descriptors)
    {
        foreach (var descriptor in descriptors)
            if (descriptor >= 0)
                _ = Libc.Close(descriptor);
    }

    private unsafe void Reap()
    {
        while (true)
        {
            Libc.ChildInfo info;
            if (Libc.Wait(Libc.WaitAll, 0, &info, Libc.WaitExited | Libc.WaitNoReap) == 0)
            {
                Ended(info);
                continue;
            }

            if (Marshal.GetLastPInvokeError() == Libc.NoChild)
                _born.WaitOne();
        }
    }

    private unsafe void Ended(Libc.ChildInfo info)
    {
        Child? child;
        lock (_gate)
        {
            Libc.ChildInfo reaped;
            Invariant.Require(Libc.Wait(Libc.WaitPid, info.Pid, &reaped, Libc.WaitExited) == 0);
            if (_children.Remove(info.Pid, out child))
                CloseAll(child.Input);
        }

        if (child is null)
            return;   // an adopted orphan
        var status = info.Code == Libc.ChildExited ? new ExitStatus(info.Status, 0) : new ExitStatus(0, info.Status);
        _pump.Drain(child.Id, () => child.Events.Exited(child.Id, status));
    }
}
