using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>A digest of everything.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Hash">The digest.</param>
public readonly record struct HashResponse(ResponseHeader Header, uint Hash) : IProtoMessage<HashResponse>
{
    /// <inheritdoc/>
    public static HashResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var hash = 0U;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: hash = (uint)reader.UInt64(); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, hash);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        writer.Number(2, Hash);
    }
}

/// <summary>Asks for a digest of the keys.</summary>
/// <param name="Revision">Up to which revision; none for the newest.</param>
public readonly record struct HashKvRequest(Revision Revision) : IProtoMessage<HashKvRequest>
{
    /// <inheritdoc/>
    public static HashKvRequest Read(scoped ref ProtoReader reader)
    {
        var revision = default(Revision);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: revision = new(reader.Int64()); break;
                default: reader.Skip(); break;
            }
        }

        return new(revision);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Number(1, Revision.Number);
    }
}

/// <summary>A digest of the keys.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Hash">The digest.</param>
/// <param name="Compacted">The oldest revision that went into it.</param>
public readonly record struct HashKvResponse(ResponseHeader Header, uint Hash, Revision Compacted) : IProtoMessage<HashKvResponse>
{
    /// <inheritdoc/>
    public static HashKvResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var hash = 0U;
        var compacted = default(Revision);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: hash = (uint)reader.UInt64(); break;
                case 3: compacted = new(reader.Int64()); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, hash, compacted);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        writer.Number(2, Hash);
        writer.Number(3, Compacted.Number);
    }
}

/// <summary>A part of a backup.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="RemainingBytes">Bytes that follow in later parts.</param>
/// <param name="Blob">This part.</param>
public readonly record struct SnapshotResponse(ResponseHeader Header, ulong RemainingBytes, ByteString Blob) : IProtoMessage<SnapshotResponse>
{
    /// <inheritdoc/>
    public static SnapshotResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var remainingBytes = 0UL;
        var blob = default(ByteString);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: remainingBytes = reader.UInt64(); break;
                case 3: blob = reader.ByteString(); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, remainingBytes, blob);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        writer.Number(2, RemainingBytes);
        writer.Bytes(3, Blob);
    }
}

/// <summary>Asks that another leads.</summary>
/// <param name="Target">Who.</param>
public readonly record struct MoveLeaderRequest(MemberId Target) : IProtoMessage<MoveLeaderRequest>
{
    /// <inheritdoc/>
    public static MoveLeaderRequest Read(scoped ref ProtoReader reader)
    {
        var target = default(MemberId);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: target = new(reader.UInt64()); break;
                default: reader.Skip(); break;
            }
        }

        return new(target);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Number(1, Target.Number);
    }
}
