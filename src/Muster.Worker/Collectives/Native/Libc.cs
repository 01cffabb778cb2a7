using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Muster.Worker.Collectives;

/// <summary>The Linux calls that .NET has no allocation-free or no equivalent form of.</summary>
internal static unsafe partial class Libc
{
    public const short PollIn = 1, PollOut = 4;
    public const int DontWait = 0x40, NoSignal = 0x4000;
    public const int Interrupted = 4, WouldBlock = 11, TimedOut = 110;
    private const int ReadWrite = 2, CloseOnExec = 0x80000;
    private const int FutexWait = 0, FutexWake = 1;

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Slice
    {
        public void* Start;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public Slice* Slices;
        public nuint SliceCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int descriptor, void* start, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(int descriptor, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int descriptor, void* start, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, void* start, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, void* start, nuint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "sched_yield")]
    public static partial int Yield();

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateMemory(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    public static partial int Allocate(int descriptor, long offset, long length);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nuint length);

    /// <summary>Binds every function and sets the fields now: the first call of each would allocate.</summary>
    public static void Bind()
    {
        Marshal.PrelinkAll(typeof(Libc));
        RuntimeHelpers.RunClassConstructor(typeof(Libc).TypeHandle);
    }

    public static int OpenReadWrite(string path) => Open(path, ReadWrite | CloseOnExec, 0);

    /// <summary>Sleeps while the word still holds <paramref name="expected"/>. Wakes early without reason at times.</summary>
    public static void WaitOn(int* word, int expected, int milliseconds)
    {
        var time = new TimeSpec { Seconds = milliseconds / 1000, Nanoseconds = milliseconds % 1000 * 1_000_000L };
        _ = SystemCall(FutexNumber, word, FutexWait, expected, &time, null, 0);
    }

    public static void WakeAll(int* word) => _ = SystemCall(FutexNumber, word, FutexWake, int.MaxValue, null, null, 0);

    private static readonly nint FutexNumber = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(
        nint number, int* word, nint operation, nint value, TimeSpec* time, int* secondWord, nint thirdValue);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);
}
