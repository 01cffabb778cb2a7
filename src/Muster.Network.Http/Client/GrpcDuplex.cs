using Muster.Network.Http.Protocol;

namespace Muster.Network.Http;

/// <summary>A call of any number of messages in both directions. One reader and one writer at a time.</summary>
public sealed class GrpcDuplex : IAsyncDisposable
{
    private readonly DuplexContent _content;
    private readonly int _messageBytesMax;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationToken _cancel;
    private readonly Task<HttpResponseMessage> _response;
    private ResponseReader? _reader;
    private byte[] _frame = new byte[256];
    private bool _disposed;

    internal GrpcDuplex(
        HttpMessageInvoker invoker, HttpRequestMessage request, DuplexContent content, int messageBytesMax, CancellationTokenSource deadline,
        CancellationToken cancel)
    {
        (_content, _messageBytesMax, _deadline, _cancel) = (content, messageBytesMax, deadline, cancel);
        _response = SendAsync(invoker, request);
        _ = _response.ContinueWith(static task => _ = task.Exception, TaskScheduler.Default);      // seen: not every caller reads
    }

    /// <summary>Sends a message; waits while the server does not read.</summary>
    /// <param name="message">May be used again when the task has completed.</param>
    /// <exception cref="GrpcException">The call has ended; <see cref="ReadAsync"/> tells the server's own reason.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> message)
    {
        try
        {
            var stream = await _content.Opened.ConfigureAwait(false);
            var length = MessagePrefix.Bytes + message.Length;
            if (_frame.Length < length)
                _frame = new byte[length];
            MessagePrefix.Write(_frame, message.Length);
            message.Span.CopyTo(_frame.AsSpan(MessagePrefix.Bytes));
            await stream.WriteAsync(_frame.AsMemory(0, length), _deadline.Token).ConfigureAwait(false);
            await stream.FlushAsync(_deadline.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not GrpcException)
        {
            throw Of(failure);
        }
    }

    /// <summary>Says that nothing more will be sent; answers may still come.</summary>
    public void Complete() => _content.End();

    /// <summary>The server's next message, in memory of its own; null when the call has ended well.</summary>
    /// <exception cref="GrpcException">The call has ended otherwise.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync()
    {
        try
        {
            var response = await _response.ConfigureAwait(false);
            ResponseStatus.ThrowIfRefused(response);
            _reader ??= new(await response.Content.ReadAsStreamAsync(CancellationToken.None).ConfigureAwait(false), _messageBytesMax);
            if (await _reader.NextAsync(_deadline.Token).ConfigureAwait(false) is { } message)
                return message;
            ResponseStatus.ThrowIfNotWell(response);
            return null;
        }
        catch (Exception failure) when (failure is not GrpcException)
        {
            throw Of(failure);
        }
    }

    /// <summary>Ends the call; what was sent may still be done.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        _content.End();
        await _deadline.CancelAsync().ConfigureAwait(false);
        if (await Task.WhenAny(_response).ConfigureAwait(false) == _response && _response.IsCompletedSuccessfully)
            (await _response.ConfigureAwait(false)).Dispose();
        _deadline.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker invoker, HttpRequestMessage request)
    {
        try
        {
            return await invoker.SendAsync(request, _deadline.Token).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            var reason = Of(failure);
            _content.Fail(reason);
            throw reason;
        }
    }

    private Exception Of(Exception failure) => _disposed
        ? new OperationCanceledException("the call was disposed", failure)
        : ResponseStatus.Of(failure, _deadline.IsCancellationRequested, _cancel);
}
