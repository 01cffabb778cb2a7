using System.Runtime.InteropServices;

namespace Muster.Agent.Processes;

/// <summary>The system calls behind processes. Those that return −1 set errno; <c>posix_spawn</c> returns it.</summary>
internal static unsafe partial class Libc
{
    public const int ReadOnly = 0, WriteOnly = 1, Create = 0x40, Append = 0x400, NonBlocking = 0x800, CloseOnExec = 0x80000;

    public const int Interrupted = 4, NoChild = 10, Again = 11;

    public const short SpawnSetGroup = 0x02, SpawnSetDefaultSignals = 0x04, SpawnSetSignalMask = 0x08, SpawnSetSession = 0x80;

    public const int WaitAll = 0, WaitPid = 1, WaitExited = 4, WaitNoReap = 0x01000000;

    public const int ChildExited = 1;

    public const short PollIn = 1;

    private const int SetChildSubreaper = 36;

    /// <summary>glibc keeps these opaque; on 64-bit Linux they have 336, 80 and 128 bytes.</summary>
    public const int AttributesBytes = 512, ActionsBytes = 256, SignalSetBytes = 128;

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>siginfo_t of waitid: code at 8, pid at 16, status at 24, of 128 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct ChildInfo
    {
        [FieldOffset(8)]
        public int Code;

        [FieldOffset(16)]
        public int Pid;

        [FieldOffset(24)]
        public int Status;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    public static partial int Wait(int kind, int id, ChildInfo* info, int options);

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    public static partial int Spawn(int* pid, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    public static partial int AttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    public static partial int AttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    public static partial int AttributesSetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    public static partial int AttributesSetGroup(byte* attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int AttributesSetDefaultSignals(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int AttributesSetSignalMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int ActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int ActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int ActionsAddDuplicate(byte* actions, int descriptor, int target);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ActionsAddDirectory(byte* actions, string path);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    public static partial int ActionsAddCloseFrom(byte* actions, int descriptor);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    public static partial int FillSignalSet(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    public static partial int EmptySignalSet(byte* signals);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);

    /// <summary>Makes orphaned descendants children of this process, which then reaps them.</summary>
    public static void BecomeSubreaper()
    {
        if (ProcessControl(SetChildSubreaper, 1, 0, 0, 0) != 0)
            throw new IOException($"prctl(PR_SET_CHILD_SUBREAPER) failed: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>A pipe whose ends no child inherits by itself.</summary>
    public static (int Read, int Write) NewPipe()
    {
        var ends = stackalloc int[2];
        return Pipe(ends, CloseOnExec) == 0
            ? (ends[0], ends[1])
            : throw new IOException($"no pipe: {Marshal.GetLastPInvokeErrorMessage()}; raise the limit on open files");
    }

    /// <summary>Reads a small file of /proc whole; null when it is gone or not ours to read.</summary>
    public static byte[]? ReadSmall(string path, int bytesMax)
    {
        var descriptor = Open(path, ReadOnly | CloseOnExec, 0);
        if (descriptor < 0)
            return null;
        try
        {
            var buffer = new byte[4096];
            var filled = 0;
            while (true)
            {
                if (filled == buffer.Length)
                {
                    if (filled >= bytesMax)
                        return buffer;
                    Array.Resize(ref buffer, filled * 4);
                }

                nint count;
                fixed (byte* start = buffer)
                    count = Read(descriptor, start + filled, buffer.Length - filled);
                if (count < 0)
                    return null;
                if (count == 0)
                    return buffer[..filled];
                filled += (int)count;
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }
}
