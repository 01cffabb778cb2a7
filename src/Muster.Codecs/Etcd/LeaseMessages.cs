using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>Asks for a lease.</summary>
/// <param name="Seconds">Its term in seconds; a short one is raised.</param>
/// <param name="Lease">Its id; none lets the server choose.</param>
public readonly record struct LeaseGrantRequest(long Seconds, LeaseId Lease) : IProtoMessage<LeaseGrantRequest>
{
    /// <inheritdoc/>
    public static LeaseGrantRequest Read(scoped ref ProtoReader reader)
    {
        var seconds = 0L;
        var lease = default(LeaseId);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: seconds = reader.Int64(); break;
                case 2: lease = new(reader.Int64()); break;
                default: reader.Skip(); break;
            }
        }

        return new(seconds, lease);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Number(1, Seconds);
        writer.Number(2, Lease.Number);
    }
}

/// <summary>A lease granted.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Lease">Its id.</param>
/// <param name="Seconds">Its term in seconds.</param>
/// <param name="Error">Always empty; errors are statuses.</param>
public readonly record struct LeaseGrantResponse(ResponseHeader Header, LeaseId Lease, long Seconds, string Error) : IProtoMessage<LeaseGrantResponse>
{
    /// <inheritdoc/>
    public static LeaseGrantResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var lease = default(LeaseId);
        var seconds = 0L;
        var error = "";
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: lease = new(reader.Int64()); break;
                case 3: seconds = reader.Int64(); break;
                case 4: error = reader.String(); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, lease, seconds, error);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        writer.Number(2, Lease.Number);
        writer.Number(3, Seconds);
        writer.Text(4, Error);
    }
}

/// <summary>Names a lease, to revoke it or to keep it alive.</summary>
/// <param name="Lease">Which.</param>
public readonly record struct LeaseRequest(LeaseId Lease) : IProtoMessage<LeaseRequest>
{
    /// <inheritdoc/>
    public static LeaseRequest Read(scoped ref ProtoReader reader)
    {
        var lease = default(LeaseId);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: lease = new(reader.Int64()); break;
                default: reader.Skip(); break;
            }
        }

        return new(lease);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Number(1, Lease.Number);
    }
}

/// <summary>A lease kept alive, or not.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Lease">Which.</param>
/// <param name="Seconds">Its term, which begins again; 0 when there is no such lease.</param>
public readonly record struct LeaseKeepAliveResponse(ResponseHeader Header, LeaseId Lease, long Seconds) : IProtoMessage<LeaseKeepAliveResponse>
{
    /// <inheritdoc/>
    public static LeaseKeepAliveResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var lease = default(LeaseId);
        var seconds = 0L;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: lease = new(reader.Int64()); break;
                case 3: seconds = reader.Int64(); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, lease, seconds);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        writer.Number(2, Lease.Number);
        writer.Number(3, Seconds);
    }
}
