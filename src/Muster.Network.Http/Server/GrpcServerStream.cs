using System.IO.Pipelines;
using Muster.Network.Http.Protocol;

namespace Muster.Network.Http;

/// <summary>Both directions of a streaming call. One reader and one writer at a time.</summary>
public sealed class GrpcServerStream
{
    /// <summary>Bytes handed on at once; between pieces of a long message the writer waits for its reader.</summary>
    internal const int PieceBytes = 32 * 1024;

    private readonly MessageReader _reader;
    private readonly PipeWriter _output;
    private readonly CancellationToken _cancel;

    internal GrpcServerStream(PipeReader input, PipeWriter output, int messageBytesMax, CancellationToken cancel) =>
        (_reader, _output, _cancel) = (new(input, messageBytesMax), output, cancel);

    /// <summary>The caller's next message, valid until the next is asked for; null when it has sent its last.</summary>
    /// <exception cref="GrpcException">The message is too long, compressed or cut off.</exception>
    /// <exception cref="OperationCanceledException">The call ended.</exception>
    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync() => _reader.NextAsync(_cancel);

    /// <summary>Sends a message; waits while the caller does not read.</summary>
    /// <param name="message">May be used again when the task has completed.</param>
    /// <param name="flush">False when another message follows at once: it takes this one along.</param>
    /// <exception cref="OperationCanceledException">The call ended.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> message, bool flush = true)
    {
        MessagePrefix.Write(_output.GetSpan(MessagePrefix.Bytes), message.Length);
        _output.Advance(MessagePrefix.Bytes);
        await WritePiecesAsync(_output, message, _cancel);
        if (flush)
            await FlushAsync(_output, _cancel);
    }

    internal static async ValueTask WritePiecesAsync(PipeWriter output, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (bytes.Length > PieceBytes)
        {
            Copy(output, bytes.Span[..PieceBytes]);
            bytes = bytes[PieceBytes..];
            await FlushAsync(output, cancel);
        }

        Copy(output, bytes.Span);
    }

    internal static async ValueTask FlushAsync(PipeWriter output, CancellationToken cancel)
    {
        var flushed = await output.FlushAsync(cancel);
        if (flushed.IsCanceled || flushed.IsCompleted)
            throw new OperationCanceledException("the call ended: its caller is gone");
    }

    private static void Copy(PipeWriter output, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(output.GetSpan(bytes.Length));
        output.Advance(bytes.Length);
    }
}
