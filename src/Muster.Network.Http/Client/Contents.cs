using System.Net;
using System.Net.Http.Headers;
using Muster.Network.Http.Protocol;

namespace Muster.Network.Http;

/// <summary>A request's body that is one message.</summary>
internal sealed class UnaryContent : HttpContent
{
    private static readonly MediaTypeHeaderValue s_type = new("application/grpc");

    private readonly byte[] _frame;

    public UnaryContent(ReadOnlyMemory<byte> message)
    {
        _frame = new byte[MessagePrefix.Bytes + message.Length];
        MessagePrefix.Write(_frame, message.Length);
        message.Span.CopyTo(_frame.AsSpan(MessagePrefix.Bytes));
        Headers.ContentType = s_type;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(_frame).AsTask();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        stream.WriteAsync(_frame, cancellationToken).AsTask();

    // A length would be one more header for nothing: the end of the stream says it.
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>A request's body that stays open as long as its sender has something to say.</summary>
internal sealed class DuplexContent : HttpContent
{
    private static readonly MediaTypeHeaderValue s_type = new("application/grpc");

    private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DuplexContent() => Headers.ContentType = s_type;

    /// <summary>Where to write, once the headers are on their way.</summary>
    public Task<Stream> Opened => _opened.Task;

    public void End() => _ended.TrySetResult();

    /// <summary>The call broke before or while it was open.</summary>
    public void Fail(Exception cause)
    {
        _opened.TrySetException(cause);
        _ = _opened.Task.Exception;                    // seen: not every call writes
        _ended.TrySetResult();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        _opened.TrySetResult(stream);
        await _ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
