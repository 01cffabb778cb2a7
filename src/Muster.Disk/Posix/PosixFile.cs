using System.Runtime.InteropServices;
using Muster.Runtime;

namespace Muster.Disk.Posix;

/// <summary>A file of a <see cref="PosixVolume"/>.</summary>
internal sealed class PosixFile(string path, FileHandle handle, DiskThreads threads, bool direct = false) : IVolumeFile
{
    // Below this a call only copies to or from the page cache; above it may wait for the disk.
    private const int InlineBytesMax = 64 * 1024;

    private const int SeekEnd = 2;

    // What direct transfers must be multiples of: memory, offset and length. No disk has larger sectors.
    private const int PageBytes = 4096;

    private bool _lengthSet;
    private bool _direct = direct;

    public long Length => Errno.Require("read", path, () => Libc.Seek(handle, 0, SeekEnd));

    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer)
    {
        if (buffer.Length <= InlineBytesMax)
            return new ValueTask<int>(Read(offset, buffer));
        return ReadOnThreadAsync(offset, buffer);
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > InlineBytesMax)
            return threads.RunAsync(() => Write(offset, bytes));
        Write(offset, bytes);
        return default;
    }

    public ValueTask SetLengthAsync(long length)
    {
        Errno.Require("write", path, () => Libc.Truncate(handle, length));
        _lengthSet = true;
        return default;
    }

    public ValueTask BeginWritebackAsync(long offset, long length) =>
        // A hint: what it cannot write now, and any error, is the sync's to find.
        _direct ? default : threads.RunAsync(() => Libc.SyncRange(handle, offset, length, Libc.SyncRangeWrite));

    public ValueTask SyncAsync()
    {
        // fdatasync keeps what is needed to read the bytes back; a cut file's metadata is more than that on some systems.
        var whole = _lengthSet;
        _lengthSet = false;
        return threads.RunAsync(() => Errno.Require("sync", path, () => whole ? Libc.Sync(handle) : Libc.SyncData(handle)));
    }

    public void Dispose() => handle.Dispose();

    private async ValueTask<int> ReadOnThreadAsync(long offset, Memory<byte> buffer)
    {
        var read = 0;
        await threads.RunAsync(() => read = Read(offset, buffer));
        return read;
    }

    private unsafe int Read(long offset, Memory<byte> buffer)
    {
        using var pin = buffer.Pin();
        var start = (nint)pin.Pointer;
        return (int)Errno.Require("read", path, () => Libc.Read(handle, (byte*)start, buffer.Length, offset));
    }

    private unsafe void Write(long offset, ReadOnlyMemory<byte> bytes)
    {
        using var pin = bytes.Pin();
        var start = (nint)pin.Pointer;
        for (var done = 0; done < bytes.Length;)
        {
            if (_direct && (((start + done) | (nint)(offset + done) | (bytes.Length - done)) & (PageBytes - 1)) != 0)
                EndDirect();
            // The kernel may write less than asked, for one when the disk is nearly full: the rest then says why.
            var from = done;
            var written = Errno.Retry(() => Libc.Write(handle, (byte*)start + from, bytes.Length - from, offset + from));
            if (written >= 0)
                done += (int)written;
            else if (Marshal.GetLastPInvokeError() is var number && _direct && number == Errno.Invalid)
                EndDirect();
            else
                throw Errno.Failure("write", path, number);
        }
    }

    /// <summary>From here on through the kernel's cache: the sync covers both.</summary>
    private void EndDirect()
    {
        _direct = false;
        Errno.Require("write", path, () => Libc.SetFlags(handle, Libc.SetStatusFlags, 0));
    }
}
