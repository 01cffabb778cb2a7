using Muster.Network.Http.Protocol;

namespace Muster.Network.Http;

/// <summary>Takes messages from an answer's body. Each is in memory of its own, which grows with what has arrived.</summary>
internal sealed class ResponseReader(Stream stream, int bytesMax)
{
    private const int ChunkBytes = 16 * 1024, TrustedBytes = 1 << 20;

    private readonly byte[] _buffer = new byte[ChunkBytes];
    private int _start, _end;

    /// <summary>The next message; null at the end.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancel)
    {
        while (_end - _start < MessagePrefix.Bytes)
        {
            if (await FillAsync(cancel).ConfigureAwait(false))
                continue;
            return _end == _start ? null : throw CutOff();
        }

        var length = MessagePrefix.Read(_buffer.AsSpan(_start), bytesMax);
        _start += MessagePrefix.Bytes;
        return await BodyAsync(length, cancel).ConfigureAwait(false);
    }

    private static GrpcException CutOff() => new(GrpcCode.Internal, "grpc: the stream ends inside a message");

    private async ValueTask<ReadOnlyMemory<byte>> BodyAsync(int length, CancellationToken cancel)
    {
        var body = new byte[Math.Min(length, TrustedBytes)];
        var have = Math.Min(length, _end - _start);
        _buffer.AsSpan(_start, have).CopyTo(body);
        _start += have;
        while (have < length)
        {
            if (have == body.Length)
                Array.Resize(ref body, (int)Math.Min(length, 2L * have));
            var count = await stream.ReadAsync(body.AsMemory(have), cancel).ConfigureAwait(false);
            if (count == 0)
                throw CutOff();
            have += count;
        }

        return body;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancel)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancel).ConfigureAwait(false);
        _end += count;
        return count > 0;
    }
}
