using System.Buffers;
using System.IO.Pipelines;

namespace Muster.Network.Http.Protocol;

/// <summary>Takes messages from a pipe, one at a time. A message is valid until the next is asked for.</summary>
/// <remarks>Memory grows with what has arrived, up to one message, never with what a length promises.</remarks>
internal sealed class MessageReader(PipeReader pipe, int bytesMax)
{
    private SequencePosition? _consumed;

    /// <summary>The next message, or null when the other side has said its last.</summary>
    /// <exception cref="GrpcException">The message is too long, compressed or cut off.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancel)
    {
        Release();
        while (true)
        {
            var read = await pipe.ReadAsync(cancel);
            if (TryTake(read.Buffer, out var message))
                return message;
            if (read.IsCompleted)
                return read.Buffer.IsEmpty ? null : throw new GrpcException(GrpcCode.Internal, "grpc: the stream ends inside a message");
            pipe.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Gives the last message's memory back.</summary>
    public void Release()
    {
        if (_consumed is { } consumed)
            pipe.AdvanceTo(consumed);
        _consumed = null;
    }

    private bool TryTake(in ReadOnlySequence<byte> buffer, out ReadOnlyMemory<byte> message)
    {
        message = default;
        if (buffer.Length < MessagePrefix.Bytes)
            return false;
        Span<byte> prefix = stackalloc byte[MessagePrefix.Bytes];
        buffer.Slice(0, MessagePrefix.Bytes).CopyTo(prefix);
        var length = MessagePrefix.Read(prefix, bytesMax);
        if (buffer.Length - MessagePrefix.Bytes < length)
            return false;
        var body = buffer.Slice(MessagePrefix.Bytes, length);
        message = body.IsSingleSegment ? body.First : body.ToArray();
        _consumed = body.End;
        return true;
    }
}
