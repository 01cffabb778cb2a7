namespace Muster.Codecs.Http1;

/// <summary>Takes the chunked transfer coding off a body, piece by piece. Source: RFC 9112, section 7.1.</summary>
/// <remarks>Extensions and trailers are read past, within limits; line ends are CR LF and nothing else.</remarks>
public sealed class ChunkedDecoder
{
    private const int SizeLineBytesMax = 256;
    private const int SizeDigitsMax = 15;
    private const int TrailerBytesMax = 4096;

    private State _state = State.SizeStart;
    private long _remaining;
    private int _digits;
    private int _lineBytes;
    private int _trailerBytes;

    private enum State
    {
        SizeStart,
        Size,
        Extension,
        SizeEnd,
        Data,
        DataCr,
        DataLf,
        TrailerStart,
        Trailer,
        TrailerLf,
        LastLf,
        Done,
    }

    /// <summary>Whether the last chunk and the trailers have been read.</summary>
    public bool IsDone => _state == State.Done;

    /// <summary>Decodes as much as fits.</summary>
    /// <param name="input">What has been received and not been consumed.</param>
    /// <param name="output">Where body bytes go.</param>
    /// <param name="consumed">How much of the input is done with.</param>
    /// <param name="written">How much of the output holds body bytes.</param>
    /// <returns>Null, or why the body is refused; then the decoder is of no more use.</returns>
    public HttpRefusal? Decode(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        (consumed, written) = (0, 0);
        while (consumed < input.Length && _state != State.Done)
        {
            if (_state == State.Data)
            {
                var count = (int)Math.Min(_remaining, Math.Min(input.Length - consumed, output.Length - written));
                if (count == 0)
                    return null;
                input.Slice(consumed, count).CopyTo(output[written..]);
                (consumed, written, _remaining) = (consumed + count, written + count, _remaining - count);
                if (_remaining == 0)
                    _state = State.DataCr;
            }
            else if (Step(input[consumed++]) is { } reason)
            {
                return new HttpRefusal(400, reason);
            }
        }

        return null;
    }

    private string? Step(byte b) => _state switch
    {
        State.SizeStart or State.Size => SizeDigit(b),
        State.Extension => b == '\r' ? Go(State.SizeEnd)
            : ++_lineBytes > SizeLineBytesMax ? $"chunk size line over {SizeLineBytesMax} bytes"
            : b == '\n' ? "a line of a chunk ends in LF without CR" : null,
        State.SizeEnd => b != '\n' ? "CR without LF after a chunk size" : Go(_remaining > 0 ? State.Data : State.TrailerStart),
        State.DataCr => b != '\r' ? "a chunk is longer than its size says" : Go(State.DataLf),
        State.DataLf => b != '\n' ? "CR without LF after a chunk" : NextChunk(),
        State.TrailerStart => b == '\r' ? Go(State.LastLf) : TrailerByte(b),
        State.Trailer => b == '\r' ? Go(State.TrailerLf) : TrailerByte(b),
        State.TrailerLf => b != '\n' ? "CR without LF in a trailer" : Go(State.TrailerStart),
        _ => b != '\n' ? "CR without LF after the last chunk" : Go(State.Done),
    };

    private string? SizeDigit(byte b)
    {
        var digit = b switch
        {
            >= (byte)'0' and <= (byte)'9' => b - '0',
            >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
            >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
            _ => -1,
        };
        if (digit >= 0)
        {
            _remaining = (_remaining << 4) | (long)digit;
            return ++_digits > SizeDigitsMax ? $"chunk size of more than {SizeDigitsMax} digits" : Go(State.Size);
        }

        if (_state == State.SizeStart)
            return "chunk size is not a hexadecimal number";
        return b switch
        {
            (byte)'\r' => Go(State.SizeEnd),
            (byte)';' => Go(State.Extension),
            _ => "chunk size is not a hexadecimal number",
        };
    }

    private string? TrailerByte(byte b)
    {
        if (++_trailerBytes > TrailerBytesMax)
            return $"trailers over {TrailerBytesMax} bytes";
        return b == '\n' ? "a trailer ends in LF without CR" : Go(State.Trailer);
    }

    private string? NextChunk()
    {
        (_remaining, _digits, _lineBytes) = (0, 0, 0);
        return Go(State.SizeStart);
    }

    private string? Go(State state)
    {
        _state = state;
        return null;
    }
}
