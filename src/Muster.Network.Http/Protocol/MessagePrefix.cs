using System.Buffers.Binary;

namespace Muster.Network.Http.Protocol;

/// <summary>What stands before each message: a byte that says whether it is compressed, and its length.</summary>
internal static class MessagePrefix
{
    public const int Bytes = 5;

    /// <summary>The length of the message that follows.</summary>
    /// <exception cref="GrpcException">It is compressed, or longer than allowed.</exception>
    public static int Read(ReadOnlySpan<byte> prefix, int bytesMax)
    {
        if (prefix[0] == 1)
            throw new GrpcException(GrpcCode.Unimplemented, "grpc: compressed messages are not understood here; send them as they are");
        if (prefix[0] != 0)
            throw new GrpcException(GrpcCode.Internal, $"grpc: a message begins with {prefix[0]}, which is neither 0 nor 1");
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        return length <= (uint)bytesMax
            ? (int)length
            : throw new GrpcException(GrpcCode.ResourceExhausted, $"grpc: received message larger than max ({length} vs. {bytesMax})");
    }

    public static void Write(Span<byte> prefix, int length)
    {
        prefix[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], length);
    }
}
