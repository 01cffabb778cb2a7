using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;
using Muster.Runtime;

namespace Muster.Agent.Processes;

/// <summary>Starts processes from one thread that lives as long as this process does.</summary>
/// <remarks>
/// The kernel's parent-death signal is tied to the thread that started a child, not to its process: a child started from a pool
/// thread would be killed when the pool shrinks. There is no fork in managed code; what must happen in the child before its
/// program runs is done by <c>posix_spawn</c> and by a trampoline (docs/adr/0003-spawn-through-setpriv.md).
/// </remarks>
#pragma warning disable CA1001 // Lives as long as the process does.
internal sealed class Spawner
#pragma warning restore CA1001
{
    // $0 is our pid: if we died before the parent-death signal was set, the child has another parent by now.
    private const string CheckParent = "[ \"$PPID\" = \"$0\" ] && exec \"$@\"";

    private readonly BlockingCollection<Action> _work = new(boundedCapacity: 1024);
    private readonly string? _setpriv = new[] { "/usr/bin/setpriv", "/bin/setpriv" }.FirstOrDefault(File.Exists);

    public Spawner()
    {
        new Thread(Serve) { IsBackground = true, Name = "spawn" }.Start();
    }

    /// <summary>Starts a program with the given descriptors as its standard streams.</summary>
    /// <returns>Its pid.</returns>
    /// <exception cref="ProcessStartException">The system refuses.</exception>
    public int Start(ProcessStart start, string program, int input, int output)
    {
        var command = Command(start, program);
        ExceptionDispatchInfo? refusal = null;
        var pid = 0;
        using var done = new ManualResetEventSlim();
        _work.Add(() =>
        {
            try
            {
                pid = SpawnHere(start, command, input, output);
            }
            catch (IOException thrown)   // belongs to whoever asked
            {
                refusal = ExceptionDispatchInfo.Capture(thrown);
            }

            done.Set();
        });
        done.Wait();
        refusal?.Throw();
        return pid;
    }

    private void Serve()
    {
        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }

    private List<string> Command(ProcessStart start, string program)
    {
        if (start.Detached)
            return [program, .. start.Command.AsSpan()[1..]];
        if (_setpriv is null)
            throw new ProcessStartException(program, "setpriv is missing on this host; install the package util-linux");
        return
        [
            _setpriv, "--pdeathsig", "KILL", "--", "/bin/sh", "-c", CheckParent, Environment.ProcessId.ToString(), program,
            .. start.Command.AsSpan()[1..],
        ];
    }

    private static unsafe int SpawnHere(ProcessStart start, List<string> command, int input, int output)
    {
        var attributes = stackalloc byte[Libc.AttributesBytes];
        var actions = stackalloc byte[Libc.ActionsBytes];
        var signals = stackalloc byte[Libc.SignalSetBytes];
        _ = Libc.AttributesInit(attributes);
        _ = Libc.ActionsInit(actions);
        var texts = new NativeTexts();
        try
        {
            var leads = start.Detached ? Libc.SpawnSetSession : Libc.SpawnSetGroup;
            _ = Libc.AttributesSetFlags(attributes, (short)(leads | Libc.SpawnSetDefaultSignals | Libc.SpawnSetSignalMask));
            if (!start.Detached)
                _ = Libc.AttributesSetGroup(attributes, 0);
            _ = Libc.FillSignalSet(signals);
            _ = Libc.AttributesSetDefaultSignals(attributes, signals);   // .NET ignores SIGPIPE; a rank must not
            _ = Libc.EmptySignalSet(signals);
            _ = Libc.AttributesSetSignalMask(attributes, signals);
            _ = Libc.ActionsAddDuplicate(actions, input, 0);
            _ = Libc.ActionsAddDuplicate(actions, output, 1);
            _ = Libc.ActionsAddDuplicate(actions, output, 2);
            _ = Libc.ActionsAddCloseFrom(actions, 3);                    // whatever we inherited ourselves
            _ = Libc.ActionsAddDirectory(actions, start.WorkingDirectory);
            var arguments = texts.List(command);
            var environment = texts.List(start.Environment.Select(pair => $"{pair.Key}={pair.Value}"));
            int pid;
            var error = Libc.Spawn(&pid, arguments[0], actions, attributes, arguments, environment);
            return error == 0
                ? pid
                : throw new ProcessStartException(start.Command[0], $"{Marshal.GetPInvokeErrorMessage(error)} (errno {error})");
        }
        finally
        {
            texts.Free();
            _ = Libc.ActionsDestroy(actions);
            _ = Libc.AttributesDestroy(attributes);
        }
    }

    /// <summary>Zero-terminated texts in native memory.</summary>
    private sealed unsafe class NativeTexts
    {
        private readonly List<nint> _blocks = [];

        public byte** List(IEnumerable<string> texts)
        {
            var all = texts.ToList();
            var list = (byte**)Allocate((nuint)((all.Count + 1) * sizeof(byte*)));
            for (var i = 0; i < all.Count; i++)
            {
                var length = Encoding.UTF8.GetByteCount(all[i]);
                list[i] = (byte*)Allocate((nuint)(length + 1));
                Encoding.UTF8.GetBytes(all[i], new Span<byte>(list[i], length));
                list[i][length] = 0;
            }

            list[all.Count] = null;
            return list;
        }

        public void Free()
        {
            foreach (var block in _blocks)
                NativeMemory.Free((void*)block);
        }

        private void* Allocate(nuint bytes)
        {
            var block = NativeMemory.Alloc(bytes);
            _blocks.Add((nint)block);
            return block;
        }
    }
}
