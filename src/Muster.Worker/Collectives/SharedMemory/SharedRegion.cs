using System.Runtime.InteropServices;

namespace Muster.Worker.Collectives;

/// <summary>One anonymous piece of memory that all ranks of a host map. It has no name in any file system, so nothing is
/// left behind however the ranks end, and no tmpfs size limits it.</summary>
internal sealed unsafe class SharedRegion : IDisposable
{
    private const uint CloseOnExec = 1;
    private const int ProtectReadWrite = 3, MapShared = 1, MapPopulate = 0x8000;

    private int _descriptor;
    private nuint _length;

    private SharedRegion(int descriptor, byte* start, long length)
    {
        _descriptor = descriptor;
        _length = (nuint)length;
        Start = start;
    }

    public byte* Start { get; private set; }

    /// <summary>Where other processes of this process namespace open the region.</summary>
    public string Path => $"/proc/{Environment.ProcessId}/fd/{_descriptor}";

    /// <summary>Makes a zeroed region with all its pages, so that a lack of memory shows now and not as SIGBUS.</summary>
    /// <exception cref="IOException">The kernel has no memory, or no memfd.</exception>
    public static SharedRegion Create(long length)
    {
        var descriptor = Libc.CreateMemory("muster-collectives", CloseOnExec);
        if (descriptor < 0)
            throw new IOException($"memfd_create failed with errno {Marshal.GetLastPInvokeError()}.");
        var error = Libc.Allocate(descriptor, 0, length);
        if (error != 0)
        {
            _ = Libc.Close(descriptor);
            throw new IOException($"cannot get {length} bytes of shared memory (errno {error}).");
        }

        return Map(descriptor, length);
    }

    /// <summary>Maps a region that another rank created.</summary>
    /// <exception cref="IOException">It cannot be opened or mapped from here: another user, namespace or host.</exception>
    public static SharedRegion Open(string path, long length)
    {
        var descriptor = Libc.OpenReadWrite(path);
        if (descriptor < 0)
            throw new IOException($"cannot open the shared region {path} (errno {Marshal.GetLastPInvokeError()}).");
        return Map(descriptor, length);
    }

    /// <summary>Gives up the descriptor once everybody has mapped the region; the mapping stays.</summary>
    public void Seal()
    {
        if (_descriptor >= 0)
            _ = Libc.Close(_descriptor);
        _descriptor = -1;
    }

    public void Dispose()
    {
        Seal();
        if (Start != null)
            _ = Libc.Unmap((nint)Start, _length);
        Start = null;
    }

    private static SharedRegion Map(int descriptor, long length)
    {
        var address = Libc.Map(0, (nuint)length, ProtectReadWrite, MapShared | MapPopulate, descriptor, 0);
        if (address != -1)
            return new SharedRegion(descriptor, (byte*)address, length);
        var error = Marshal.GetLastPInvokeError();
        _ = Libc.Close(descriptor);
        throw new IOException($"cannot map {length} bytes of shared memory (errno {error}).");
    }
}
