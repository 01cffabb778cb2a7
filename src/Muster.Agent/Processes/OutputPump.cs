using System.Runtime.InteropServices;
using Muster.Runtime;

namespace Muster.Agent.Processes;

/// <summary>Reads what processes write, all on one thread. A reader that is slow makes them wait, as a pipe does.</summary>
internal sealed unsafe class OutputPump
{
    private const int SetFlags = 4;
    private const int ReadBytes = 64 << 10;

    private sealed record Source(int Descriptor, ProcessId Process, IProcessEvents Events);

    private readonly Lock _gate = new();
    private readonly List<Source> _sources = [];
    private readonly Queue<Action> _asked = new();
    private readonly byte[] _buffer = new byte[ReadBytes];
    private readonly int _wakeRead;
    private readonly int _wakeWrite;

    public OutputPump()
    {
        (_wakeRead, _wakeWrite) = Libc.NewPipe();
        _ = Libc.Control(_wakeRead, SetFlags, Libc.NonBlocking);
        _ = Libc.Control(_wakeWrite, SetFlags, Libc.NonBlocking);
        new Thread(Serve) { IsBackground = true, Name = "output" }.Start();
    }

    /// <summary>Begins to read a pipe; it is closed at its end.</summary>
    public void Add(int descriptor, ProcessId process, IProcessEvents events)
    {
        _ = Libc.Control(descriptor, SetFlags, Libc.NonBlocking);
        Ask(() => _sources.Add(new Source(descriptor, process, events)));
    }

    /// <summary>Reads all there is of a process that has ended, then calls back.</summary>
    /// <remarks>A grandchild may hold the pipe open: reading goes on, but the end of the process is told now.</remarks>
    public void Drain(ProcessId process, Action then) => Ask(() =>
    {
        foreach (var source in _sources.Where(source => source.Process == process).ToList())
            ReadAll(source);
        then();
    });

    private void Ask(Action action)
    {
        lock (_gate)
            _asked.Enqueue(action);
        byte one = 1;
        _ = Libc.Write(_wakeWrite, &one, 1);   // a full pipe wakes as well
    }

    private void Serve()
    {
        while (true)
        {
            var entries = new Libc.PollEntry[_sources.Count + 1];
            entries[0] = new Libc.PollEntry { Descriptor = _wakeRead, Events = Libc.PollIn };
            for (var i = 0; i < _sources.Count; i++)
                entries[i + 1] = new Libc.PollEntry { Descriptor = _sources[i].Descriptor, Events = Libc.PollIn };
            fixed (Libc.PollEntry* first = entries)
                _ = Libc.Poll(first, (nuint)entries.Length, -1);
            foreach (var source in _sources.ToList().Where((_, i) => entries[i + 1].Returned != 0))
                ReadOnce(source);
            if (entries[0].Returned != 0)
                TakeAsked();
        }
    }

    private void TakeAsked()
    {
        fixed (byte* start = _buffer)
            while (Libc.Read(_wakeRead, start, _buffer.Length) > 0)
            {
            }

        while (true)
        {
            Action action;
            lock (_gate)
            {
                if (!_asked.TryDequeue(out action!))
                    return;
            }

            action();
        }
    }

    private void ReadAll(Source source)
    {
        while (ReadOnce(source))
        {
        }
    }

    private bool ReadOnce(Source source)
    {
        nint count;
        int error;
        fixed (byte* start = _buffer)
        {
            count = Libc.Read(source.Descriptor, start, _buffer.Length);
            error = Marshal.GetLastPInvokeError();
        }

        if (count > 0)
        {
            source.Events.Output(source.Process, _buffer.AsMemory(0, (int)count).ToArray());
            return true;
        }

        if (count < 0 && error is Libc.Again or Libc.Interrupted)
            return false;
        _sources.Remove(source);
        _ = Libc.Close(source.Descriptor);
        return false;
    }
}
