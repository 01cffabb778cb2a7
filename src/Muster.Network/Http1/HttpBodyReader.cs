using Muster.Codecs.Http1;

namespace Muster.Network.Http1;

/// <summary>Reads a message's body as it comes; one reader at a time.</summary>
public sealed class HttpBodyReader
{
    private readonly HttpConnection _connection;
    private readonly HttpBodyFraming _framing;
    private readonly ChunkedDecoder? _chunks;
    private long _remaining;
    private byte[] _line = [];
    private int _lineStart;
    private int _lineEnd;

    internal HttpBodyReader(HttpConnection connection, HttpBodyFraming framing, TimeSpan idleMax, long bytesMax)
    {
        (_connection, _framing, IdleMax, BytesMax) = (connection, framing, idleMax, bytesMax);
        _remaining = framing.Length;
        _chunks = framing.Kind == HttpBodyKind.Chunked ? new ChunkedDecoder() : null;
        IsDone = framing.Kind == HttpBodyKind.None;
    }

    /// <summary>Whether the body has been read to its end.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Body bytes read so far.</summary>
    public long BytesRead { get; private set; }

    internal TimeSpan IdleMax { get; set; }

    internal long BytesMax { get; set; }

    internal Func<CancellationToken, ValueTask>? BeforeFirstRead { get; set; }

    internal Action? Done { get; set; }

    /// <summary>Reads some bytes of the body.</summary>
    /// <returns>How many; 0 at the end.</returns>
    /// <exception cref="HttpRefusedException">The body is malformed or longer than allowed.</exception>
    /// <exception cref="HttpPeerException">The connection broke before the end.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default)
    {
        if (_framing.Kind == HttpBodyKind.Length && _framing.Length > BytesMax)
            throw TooLong();
        if (BeforeFirstRead is { } before && !IsDone)
        {
            BeforeFirstRead = null;
            await before(cancel);
        }

        while (!IsDone && !buffer.IsEmpty)
        {
            var written = Take(buffer.Span);
            BytesRead += written;
            if (BytesRead > BytesMax)
                throw TooLong();
            if (written > 0)
                return written;
            if (!IsDone && await _connection.FillAsync(IdleMax, cancel) is var fill and not HttpConnection.Fill.More)
                EndOfConnection(fill);
        }

        return 0;
    }

    /// <summary>Reads the rest of the body.</summary>
    /// <exception cref="HttpRefusedException">The body is malformed or longer than allowed.</exception>
    /// <exception cref="HttpPeerException">The connection broke before the end.</exception>
    public async ValueTask<byte[]> ReadToEndAsync(CancellationToken cancel = default)
    {
        var body = new byte[Math.Min(_framing.Length, 64 << 10)];
        var length = 0;
        while (true)
        {
            if (length == body.Length)
                Array.Resize(ref body, Math.Max(4096, body.Length * 2));
            var count = await ReadAsync(body.AsMemory(length), cancel);
            if (count == 0)
                return body.AsSpan(0, length).ToArray();
            length += count;
        }
    }

    /// <summary>Reads the next line of a body of lines, without its line feed.</summary>
    /// <param name="lineBytesMax">Bytes a line may have.</param>
    /// <param name="cancel">Stops waiting; what was read stays for the next call.</param>
    /// <returns>Null at the end. A last line without line feed counts.</returns>
    /// <exception cref="HttpRefusedException">A line is longer than allowed (413), or the body malformed.</exception>
    /// <exception cref="HttpPeerException">The connection broke before the end.</exception>
    public async ValueTask<byte[]?> ReadLineAsync(int lineBytesMax, CancellationToken cancel = default)
    {
        var searched = 0;
        while (true)
        {
            var feed = _line.AsSpan(_lineStart + searched, _lineEnd - _lineStart - searched).IndexOf((byte)'\n');
            var length = feed < 0 ? _lineEnd - _lineStart : searched + feed;
            if (length > lineBytesMax)
                throw new HttpRefusedException(413, $"a line is longer than {lineBytesMax} bytes");
            if (feed >= 0)
                return TakeLine(length, 1);
            searched = length;
            if (_lineEnd == _line.Length)
                MakeLineRoom();
            var count = await ReadAsync(_line.AsMemory(_lineEnd), cancel);
            if (count == 0)
                return length == 0 ? null : TakeLine(length, 0);
            _lineEnd += count;
        }
    }

    private byte[] TakeLine(int length, int feed)
    {
        var line = _line.AsSpan(_lineStart, length).ToArray();
        _lineStart += length + feed;
        if (_lineStart == _lineEnd)
            _lineStart = _lineEnd = 0;
        return line;
    }

    private void MakeLineRoom()
    {
        var rest = _line.AsSpan(_lineStart, _lineEnd - _lineStart).ToArray();
        if (rest.Length > _line.Length / 2 || _line.Length == 0)
            _line = new byte[Math.Max(4096, _line.Length * 2)];
        rest.CopyTo(_line, 0);
        (_lineStart, _lineEnd) = (0, rest.Length);
    }

    private int Take(Span<byte> buffer)
    {
        var received = _connection.Received;
        if (_chunks is null)
        {
            var room = _framing.Kind == HttpBodyKind.Length ? Math.Min(_remaining, buffer.Length) : buffer.Length;
            var count = (int)Math.Min(room, received.Length);
            received[..count].CopyTo(buffer);
            _connection.Consume(count);
            _remaining -= count;
            if (_framing.Kind == HttpBodyKind.Length && _remaining == 0)
                Finish();
            return count;
        }

        if (_chunks.Decode(received, buffer, out var consumed, out var written) is { } refusal)
            throw new HttpRefusedException(refusal);
        _connection.Consume(consumed);
        if (_chunks.IsDone)
            Finish();
        return written;
    }

    private void EndOfConnection(HttpConnection.Fill fill)
    {
        if (fill == HttpConnection.Fill.Late)
            throw new HttpPeerException($"no byte of the body for {IdleMax.TotalSeconds:0.#} s");
        if (_framing.Kind != HttpBodyKind.UntilClose)
            throw new HttpPeerException($"closed inside a body, after {BytesRead} bytes");
        Finish();
    }

    private void Finish()
    {
        IsDone = true;
        Done?.Invoke();
    }

    private HttpRefusedException TooLong() => new(413, $"body longer than {BytesMax} bytes");
}
