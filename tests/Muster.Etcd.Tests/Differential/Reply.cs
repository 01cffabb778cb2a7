using Muster.Codecs.Protobuf;
using Muster.Codecs.Etcd;
using Muster.Network.Http;

namespace Muster.Etcd.Tests.Differential;

/// <summary>An answer as it must be equal: a status, or a revision and every byte after the header.</summary>
internal sealed record Reply(GrpcStatus Status, long Revision, string Rest)
{
    /// <summary>Makes a call and takes its answer apart.</summary>
    public static async Task<Reply> OfAsync(GrpcChannel channel, Request request)
    {
        try
        {
            var bytes = await channel.UnaryAsync(request.Path, request.Bytes);
            var body = request.Normal?.Invoke(bytes) ?? Convert.ToHexString(AfterHeader(bytes.Span));
            return new(GrpcStatus.Ok, Proto.Decode<HeaderResponse>(bytes.Span).Header.Revision.Number, body);
        }
        catch (GrpcException refused)
        {
            return new(refused.Status, 0, "");
        }
    }

    public override string ToString() => Status.Code == GrpcCode.Ok ? $"revision {Revision}, {Rest}" : Status.ToString();

    private static ReadOnlySpan<byte> AfterHeader(ReadOnlySpan<byte> bytes) => bytes is [0x0A, var length and < 0x80, ..] ? bytes[(2 + length)..] : bytes;
}

/// <summary>A call to be made of both.</summary>
/// <param name="Path">The method.</param>
/// <param name="Bytes">The message.</param>
/// <param name="What">For people.</param>
internal sealed record Request(string Path, byte[] Bytes, string What)
{
    /// <summary>What of an answer must be equal, where not every byte must.</summary>
    public Func<ReadOnlyMemory<byte>, string>? Normal { get; init; }
}
