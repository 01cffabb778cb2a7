using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Muster.Network.Streams;

/// <summary>The system calls of one thread that serves many sockets. .NET's own readiness costs a change of threads for each request.</summary>
internal static partial class Epoll
{
    public const int Add = 1, Remove = 2, Modify = 3;
    public const uint Readable = 0x1, Writable = 0x4, Broken = 0x8, HungUp = 0x10;
    public const int Interrupted = 4, Again = 11, TooManyFiles = 24, TooManyFilesInSystem = 23;

    private const int CloseOnExec = 0x80000, NonBlocking = 0x800, NoSignal = 0x4000;

    // The kernel packs an event (mask, then the caller's word) on x86-64 only.
    private static readonly bool s_packed = RuntimeInformation.ProcessArchitecture is Architecture.X64;

    public static int Create() => Checked(EpollCreate(CloseOnExec), "epoll_create1");

    public static void Control(int epoll, int operation, int descriptor, uint events)
    {
        Span<byte> entry = stackalloc byte[16];
        entry.Clear();
        MemoryMarshal.Write(entry, events);
        MemoryMarshal.Write(entry[(s_packed ? 4 : 8)..], descriptor);
        Checked(EpollControl(epoll, operation, descriptor, ref MemoryMarshal.GetReference(entry)), "epoll_ctl");
    }

    /// <summary>Waits, and calls back for each that is ready.</summary>
    public static void Wait(int epoll, byte[] room, int milliseconds, Action<int, uint> ready)
    {
        var size = s_packed ? 12 : 16;
        var count = EpollWait(epoll, ref room[0], room.Length / size, milliseconds);
        if (count < 0 && Marshal.GetLastPInvokeError() == Interrupted)
            return;
        Checked(count, "epoll_wait");
        for (var i = 0; i < count; i++)
        {
            var entry = room.AsSpan(i * size, size);
            ready(MemoryMarshal.Read<int>(entry[(s_packed ? 4 : 8)..]), MemoryMarshal.Read<uint>(entry));
        }
    }

    /// <returns>A descriptor, or -1 and an error number.</returns>
    public static (int Descriptor, int Error) Accept(int listener)
    {
        var descriptor = Accept4(listener, 0, 0, CloseOnExec | NonBlocking);
        return (descriptor, descriptor < 0 ? Marshal.GetLastPInvokeError() : 0);
    }

    /// <summary>No delay for small answers; dead peers are found within about two minutes.</summary>
    public static void Configure(int descriptor)
    {
        foreach (var (level, option, value) in (ReadOnlySpan<(int, int, int)>)[(6, 1, 1), (1, 9, 1), (6, 4, 60), (6, 5, 15), (6, 6, 4)])
            _ = SetOption(descriptor, level, option, in value, sizeof(int));
    }

    public static (int Count, int Error) Receive(int descriptor, Span<byte> room)
    {
        var count = (int)Receive(descriptor, ref MemoryMarshal.GetReference(room), room.Length, 0);
        return (count, count < 0 ? Marshal.GetLastPInvokeError() : 0);
    }

    public static (int Count, int Error) Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        var count = (int)Send(descriptor, ref MemoryMarshal.GetReference(bytes), bytes.Length, NoSignal);
        return (count, count < 0 ? Marshal.GetLastPInvokeError() : 0);
    }

    /// <summary>A descriptor that becomes readable when <see cref="Signal"/> is called, from any thread.</summary>
    public static int CreateSignal() => Checked(EventDescriptor(0, CloseOnExec | NonBlocking), "eventfd");

    public static void Signal(int signal)
    {
        var one = 1L;
        _ = Write(signal, in one, sizeof(long));
    }

    private static int Checked(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(int epoll, int operation, int descriptor, ref byte entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(int epoll, ref byte entries, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int Accept4(int listener, nint address, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    private static partial int SetOption(int descriptor, int level, int option, in int value, uint length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int descriptor, ref byte room, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int descriptor, ref byte bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventDescriptor(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, in long value, nint length);
}
