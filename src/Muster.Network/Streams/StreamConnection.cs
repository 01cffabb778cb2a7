using System.Buffers;

namespace Muster.Network.Streams;

/// <summary>One client's socket and what of it waits: bytes of an incomplete request, answers that it has not read.</summary>
internal sealed class StreamConnection(long id, int descriptor, long since) : IDisposable
{
    private byte[] _input = [];
    private int _inputLength;

    public long Id { get; } = id;

    public int Descriptor { get; } = descriptor;

    /// <summary>Milliseconds of the server's clock when it connected.</summary>
    public long Since { get; } = since;

    public bool HasSpoken { get; set; }

    /// <summary>Bytes that must have arrived before the service is asked again.</summary>
    public int Wanted { get; set; } = 1;

    public ArrayBufferWriter<byte> Output { get; private set; } = new();

    public int OutputSent { get; set; }

    public bool AwaitsWritable { get; set; }

    public ReadOnlySpan<byte> Input => _input.AsSpan(0, _inputLength);

    public int Buffered => _inputLength + Output.WrittenCount - OutputSent;

    /// <summary>What of <see cref="Buffered"/> the server has counted.</summary>
    public int Accounted { get; set; }

    public void Keep(ReadOnlySpan<byte> rest)
    {
        if (_inputLength + rest.Length > _input.Length)
            Array.Resize(ref _input, Math.Max(_inputLength + rest.Length, Math.Min(2 * _input.Length, _input.Length + (1 << 20))));
        rest.CopyTo(_input.AsSpan(_inputLength));
        _inputLength += rest.Length;
    }

    public void Consumed(int count)
    {
        Input[count..].CopyTo(_input);
        _inputLength -= count;
        if (_inputLength == 0 && _input.Length > StreamServer.ReadBytes)
            _input = [];   // a large request is no reason to hold its room for days
    }

    public void Sent()
    {
        if (Output.Capacity > StreamServer.ReadBytes)
            Output = new();
        Output.ResetWrittenCount();
        OutputSent = 0;
    }

    public void Dispose() => _ = Libc.Close(Descriptor);
}
