using System.Collections.Immutable;
using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>Asks how long a lease lasts.</summary>
/// <param name="Lease">Which.</param>
/// <param name="WithKeys">Whether its keys are wanted.</param>
public readonly record struct LeaseTimeToLiveRequest(LeaseId Lease, bool WithKeys) : IProtoMessage<LeaseTimeToLiveRequest>
{
    /// <inheritdoc/>
    public static LeaseTimeToLiveRequest Read(scoped ref ProtoReader reader)
    {
        var lease = default(LeaseId);
        var withKeys = false;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: lease = new(reader.Int64()); break;
                case 2: withKeys = reader.Bool(); break;
                default: reader.Skip(); break;
            }
        }

        return new(lease, withKeys);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Number(1, Lease.Number);
        writer.Flag(2, WithKeys);
    }
}

/// <summary>How long a lease lasts.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Lease">Which.</param>
/// <param name="Seconds">Whole seconds that remain; -1 when there is no such lease.</param>
/// <param name="GrantedSeconds">Its term.</param>
/// <param name="Keys">Its keys, when asked for.</param>
public sealed record LeaseTimeToLiveResponse(ResponseHeader Header, LeaseId Lease, long Seconds, long GrantedSeconds, ImmutableArray<ByteString> Keys)
    : IProtoMessage<LeaseTimeToLiveResponse>
{
    /// <inheritdoc/>
    public static LeaseTimeToLiveResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var lease = default(LeaseId);
        var seconds = 0L;
        var grantedSeconds = 0L;
        var keys = ImmutableArray.CreateBuilder<ByteString>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: lease = new(reader.Int64()); break;
                case 3: seconds = reader.Int64(); break;
                case 4: grantedSeconds = reader.Int64(); break;
                case 5: keys.Add(reader.ByteString()); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, lease, seconds, grantedSeconds, keys.DrainToImmutable());
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        writer.Number(2, Lease.Number);
        writer.Number(3, Seconds);
        writer.Number(4, GrantedSeconds);
        foreach (var item in Keys)
            writer.Item(5, item.Span);
    }
}

/// <summary>Every lease.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Leases">Their ids.</param>
public sealed record LeaseLeasesResponse(ResponseHeader Header, ImmutableArray<LeaseId> Leases) : IProtoMessage<LeaseLeasesResponse>
{
    /// <inheritdoc/>
    public static LeaseLeasesResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var leases = ImmutableArray.CreateBuilder<LeaseId>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: leases.Add(ReadStatus(reader.Message())); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, leases.DrainToImmutable());
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        foreach (var item in Leases)
            WriteStatus(writer, item);
    }

    private static LeaseId ReadStatus(ProtoReader reader)
    {
        var lease = 0L;
        while (reader.Next())
        {
            if (reader.Field == 1)
                lease = reader.Int64();
            else
                reader.Skip();
        }

        return new(lease);
    }

    private static void WriteStatus(ProtoWriter writer, LeaseId lease)
    {
        var mark = writer.Open(2);
        writer.Number(1, lease.Number);
        writer.Close(mark);
    }
}
