namespace Muster.Codecs.Protobuf;

/// <summary>A value with a form in Protocol Buffers, version 3.</summary>
/// <remarks>
/// Source: protobuf.dev, "Encoding". Unknown fields are skipped and not kept; of a field that comes twice where one is expected the
/// last counts; a known field of the wrong wire type is refused. What is written is canonical: fields by number, zeros left out.
/// </remarks>
/// <typeparam name="TSelf">The value's own type.</typeparam>
public interface IProtoMessage<TSelf>
    where TSelf : IProtoMessage<TSelf>
{
    /// <summary>Reads the fields until the reader's end.</summary>
    /// <exception cref="CodecException">The bytes are no such message; it names the offset.</exception>
    static abstract TSelf Read(scoped ref ProtoReader reader);

    /// <summary>Appends the fields, without a length before them.</summary>
    void Write(ProtoWriter writer);
}

/// <summary>Messages from bytes and to bytes.</summary>
public static class Proto
{
    /// <summary>The message that some bytes are.</summary>
    /// <exception cref="CodecException">They are no such message.</exception>
    public static T Decode<T>(ReadOnlySpan<byte> bytes)
        where T : IProtoMessage<T>
    {
        var reader = new ProtoReader(bytes);
        return T.Read(ref reader);
    }

    /// <summary>The bytes of a message, in an array of their own. Who sends many keeps a <see cref="ProtoWriter"/> instead.</summary>
    public static byte[] Encode<T>(T message)
        where T : IProtoMessage<T>
    {
        var writer = new ProtoWriter();
        message.Write(writer);
        return writer.Written.ToArray();
    }
}
