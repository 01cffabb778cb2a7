using System.Buffers.Binary;

namespace Muster.Network;

/// <summary>Frames that wait to be sent, already in wire form: all that wait go out in one call.</summary>
internal sealed class OutgoingFrames(LinkLimits limits, LengthOrder order)
{
    private const int KeptBytesMax = 1 << 20;   // a larger buffer is given back once it has been sent

    private readonly Lock _gate = new();
    private byte[] _waiting = new byte[4096];
    private byte[] _sending = new byte[4096];
    private int _bytes;
    private int _frames;
    private bool _writing;

    public enum Added
    {
        Queued,
        FirstOfBatch,
        Full,
    }

    /// <summary>Copies a frame; after <see cref="Added.FirstOfBatch"/> the caller starts a writer.</summary>
    public Added Add(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_frames >= limits.QueuedFramesMax || (long)_bytes + 4 + frame.Length > (long)limits.QueuedBytesMax + 4)
                return Added.Full;
            var needed = _bytes + 4 + frame.Length;
            if (needed > _waiting.Length)
                Array.Resize(ref _waiting, (int)Math.Max(needed, Math.Min(2L * _waiting.Length, limits.QueuedBytesMax)));
            if (order == LengthOrder.BigEndian)
                BinaryPrimitives.WriteInt32BigEndian(_waiting.AsSpan(_bytes), frame.Length);
            else
                BinaryPrimitives.WriteInt32LittleEndian(_waiting.AsSpan(_bytes), frame.Length);
            frame.CopyTo(_waiting.AsSpan(_bytes + 4));
            _bytes = needed;
            _frames++;
            var first = !_writing;
            _writing = true;
            return first ? Added.FirstOfBatch : Added.Queued;
        }
    }

    /// <summary>Takes all that waits; false when nothing does, and then the writer has ended.</summary>
    public bool TakeBatch(out ReadOnlyMemory<byte> batch)
    {
        lock (_gate)
        {
            if (_frames == 0)
            {
                _writing = false;
                batch = default;
                return false;
            }

            if (_sending.Length > KeptBytesMax)
                _sending = new byte[4096];
            (_waiting, _sending) = (_sending, _waiting);
            batch = _sending.AsMemory(0, _bytes);
            _bytes = _frames = 0;
            return true;
        }
    }
}
