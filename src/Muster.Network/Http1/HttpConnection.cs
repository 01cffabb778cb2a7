using System.Net.Sockets;
using Muster.Codecs.Http1;

namespace Muster.Network.Http1;

/// <summary>A socket with what has been received and not been used: one reader and one writer at a time.</summary>
internal sealed class HttpConnection(Socket socket, TimeProvider time, TimeSpan sendWithin) : IDisposable
{
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;
    private Task<int>? _watch;

    public ReadOnlySpan<byte> Received => _buffer.AsSpan(_start, _end - _start);

    public ReadOnlyMemory<byte> ReceivedMemory => _buffer.AsMemory(_start, _end - _start);

    public void Consume(int count) => _start += count;

    public void Dispose() => socket.Dispose();

    /// <summary>What became of waiting for more.</summary>
    public enum Fill
    {
        More,
        Closed,
        Late,
    }

    /// <summary>Receives more.</summary>
    /// <exception cref="HttpPeerException">The connection broke.</exception>
    public async ValueTask<Fill> FillAsync(TimeSpan within, CancellationToken cancel)
    {
        MakeRoom();
        try
        {
            using var limit = new Deadline(within, time, cancel);
            if (_watch is not null)
            {
                await _watch.WaitAsync(limit.Token);   // it only peeked: what it saw is received now
                _watch = null;
            }

            var count = await socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, limit.Token);
            _end += count;
            return count > 0 ? Fill.More : Fill.Closed;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Fill.Late;
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            throw new HttpPeerException(broken.Message);
        }
    }

    /// <summary>Completes when the peer closes or breaks the connection; when it sends more instead, never.</summary>
    public async Task PeerGoneAsync()
    {
        var never = new TaskCompletionSource();
        if (_end > _start)
            await never.Task;
        try
        {
            _watch ??= socket.ReceiveAsync(new byte[1], SocketFlags.Peek);
            if (await _watch > 0)
                await never.Task;
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            return;
        }
    }

    /// <summary>Sends all the bytes.</summary>
    /// <exception cref="HttpPeerException">The connection broke or the peer does not read.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        try
        {
            using var limit = new Deadline(sendWithin, time, cancel);
            while (!bytes.IsEmpty)
                bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, limit.Token)..];
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new HttpPeerException($"the peer does not read: {bytes.Length} bytes not taken in {sendWithin.TotalSeconds:0.#} s");
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            throw new HttpPeerException(broken.Message);
        }
    }

    /// <summary>Says that nothing more will be sent and drops what still comes, so that a peer in the middle of sending can
    /// read its answer: closing at once would reset the connection under it.</summary>
    public async ValueTask LingerAsync(TimeSpan atMost)
    {
        using var limit = new Deadline(atMost, time, default);
        var dropped = new byte[16 << 10];
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(dropped, SocketFlags.None, limit.Token) > 0)
            {
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It went, or it had its time.
        }
    }

    /// <summary>Reads a head.</summary>
    /// <returns>Null when the peer closed, or sent nothing for too long, before its first byte.</returns>
    /// <exception cref="HttpPeerException">The connection broke, inside the head or before it.</exception>
    /// <exception cref="HttpRefusedException">The bytes are no head.</exception>
    public async ValueTask<THead?> ReadHeadAsync<THead>(
        Func<ReadOnlyMemory<byte>, HttpParse<THead>> parse, TimeSpan idleMax, TimeSpan headWithin, CancellationToken cancel)
        where THead : class
    {
        long? since = null;
        while (true)
        {
            switch (_end > _start ? parse(ReceivedMemory) : new HttpParse<THead>.Incomplete())
            {
                case HttpParse<THead>.Complete(var head, var bytes):
                    Consume(bytes);
                    return head;
                case HttpParse<THead>.Refused(var refusal):
                    throw new HttpRefusedException(refusal);
            }

            var left = idleMax;
            if (_end > _start)
                left = headWithin == Timeout.InfiniteTimeSpan ? headWithin : headWithin - time.GetElapsedTime(since ??= time.GetTimestamp());
            var fill = left <= TimeSpan.Zero && left != Timeout.InfiniteTimeSpan ? Fill.Late : await FillAsync(left, cancel);
            if (fill != Fill.More && _end == _start)
                return null;
            if (fill == Fill.Late)
                throw new HttpRefusedException(408, $"head not complete within {headWithin.TotalSeconds:0.#} s");
            if (fill == Fill.Closed)
                throw new HttpPeerException("closed inside a head");
        }
    }

    private void MakeRoom()
    {
        if (_start == _end)
            (_start, _end) = (0, 0);
        if (_end < _buffer.Length)
            return;
        var rest = Received.ToArray();
        if (rest.Length > _buffer.Length / 2)
            _buffer = new byte[_buffer.Length * 2];   // heads and lines are bounded, and so is this
        rest.CopyTo(_buffer, 0);
        (_start, _end) = (0, rest.Length);
    }
}
