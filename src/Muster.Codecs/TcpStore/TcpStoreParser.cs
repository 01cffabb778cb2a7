using System.Buffers.Binary;

namespace Muster.Codecs.TcpStore;

/// <summary>One connection's requests: knows its dialect once the first byte is there.</summary>
/// <remarks>
/// Modern clients (torch 2.1 and newer) begin with Validate, a zero byte and a magic number. A legacy client's zero is Set, whose key
/// would be a gigabyte long if the magic followed: so the first five bytes decide.
/// </remarks>
public sealed class TcpStoreParser(TcpStoreLimits limits)
{
    private const uint Magic = 0x3C85F7CE;
    private bool? _modern;

    /// <summary>Whether the client is of torch 2.1 or newer; null while not known.</summary>
    public bool? IsModern => _modern;

    /// <summary>Reads the next request from what has arrived and not been read.</summary>
    /// <param name="arrived">Bytes from the end of the request before.</param>
    /// <param name="length">Bytes of the request; when it is incomplete, the least that must have arrived before it is worth trying again.</param>
    /// <returns>Null when more must arrive.</returns>
    /// <exception cref="CodecException">This is no request, or it breaks a limit: the connection is to be closed.</exception>
    public TcpStoreRequest? Read(ReadOnlySpan<byte> arrived, out int length)
    {
        length = 1;
        if (arrived.IsEmpty)
            return null;
        if (_modern is null && !Detect(arrived, out length))
            return null;
        var reader = new TcpStoreReader(arrived, limits);
        var operation = reader.Byte();
        var request = _modern == true ? Modern(ref reader, operation) : Legacy(ref reader, operation);
        if (reader.Lacks is { } lacks)
        {
            length = lacks;
            return null;
        }

        length = reader.Position;
        return request;
    }

    private bool Detect(ReadOnlySpan<byte> arrived, out int length)
    {
        length = 1 + sizeof(uint);
        if (arrived[0] != 0)
            _modern = false;
        else if (arrived.Length < length)
            return false;
        else
            _modern = BinaryPrimitives.ReadUInt32LittleEndian(arrived[1..]) == Magic;
        return _modern == true || limits.Legacy
            ? true
            : throw new CodecException("TCPStore connection", 0, "it does not begin with the magic number of torch 2.1 and newer, and older clients are not served here");
    }

    private TcpStoreRequest? Modern(ref TcpStoreReader reader, byte operation) => operation switch
    {
        0 => Validate(ref reader),
        1 => new TcpStoreRequest.Set(reader.Key(), reader.Value()),
        2 => new TcpStoreRequest.CompareSet(reader.Key(), reader.Value(), reader.Value()),
        3 => new TcpStoreRequest.Get(reader.Key()),
        4 => new TcpStoreRequest.Add(reader.Key(), reader.Number()),
        5 => new TcpStoreRequest.Check(reader.Keys()),
        6 => new TcpStoreRequest.Wait(reader.Keys()),
        7 => new TcpStoreRequest.CountKeys(),
        8 => new TcpStoreRequest.Delete(reader.Key()),
        9 => new TcpStoreRequest.Append(reader.Key(), reader.Value()),
        10 => new TcpStoreRequest.MultiGet(reader.Keys()),
        11 => new TcpStoreRequest.MultiSet(reader.Pairs()),
        12 => new TcpStoreRequest.CancelWait(),
        13 => new TcpStoreRequest.Ping(reader.Nonce()),
        14 => new TcpStoreRequest.QueuePush(reader.Key(), reader.Value()),
        15 => new TcpStoreRequest.QueuePop(reader.Key()),
        16 => new TcpStoreRequest.QueueLength(reader.Key()),
        17 => new TcpStoreRequest.ListKeys(),
        18 => new TcpStoreRequest.Barrier(reader.Key(), reader.Number()),
        _ => throw Unknown(operation, 18),
    };

    private static TcpStoreRequest? Legacy(ref TcpStoreReader reader, byte operation) => operation switch
    {
        0 => new TcpStoreRequest.Set(reader.Key(), reader.Value()),
        1 => new TcpStoreRequest.CompareSet(reader.Key(), reader.Value(), reader.Value()),
        2 => new TcpStoreRequest.Get(reader.Key()),
        3 => new TcpStoreRequest.Add(reader.Key(), reader.Number()),
        4 => new TcpStoreRequest.Check(reader.Keys()),
        5 => new TcpStoreRequest.Wait(reader.Keys()),
        6 => new TcpStoreRequest.CountKeys(),
        7 => new TcpStoreRequest.WatchKey(reader.Key()),
        8 => new TcpStoreRequest.Delete(reader.Key()),
        _ => throw Unknown(operation, 8),
    };

    private static TcpStoreRequest.Validate Validate(ref TcpStoreReader reader)
    {
        var magic = reader.Nonce();
        return reader.Lacks is not null || magic == Magic
            ? new TcpStoreRequest.Validate()
            : throw new CodecException("TCPStore request", 1, $"the magic number is {magic:x}, not {Magic:x}");
    }

    private static CodecException Unknown(byte operation, int last) =>
        new("TCPStore request", 0, $"operation {operation} is not one of 0 to {last}: this is no TCPStore client");
}
