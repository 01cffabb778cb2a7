using System.Collections.Immutable;
using Muster.Codecs.Protobuf;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>What a server says on a stream of watches.</summary>
/// <param name="Header">Whose answer, at which revision.</param>
/// <param name="Watch">The watch's id on this stream; -1 for one that could not be opened, and for progress of all.</param>
public sealed record WatchResponse(ResponseHeader Header, long Watch) : IProtoMessage<WatchResponse>
{
    /// <summary>Whether this answers a request to open.</summary>
    public bool IsCreated { get; init; }

    /// <summary>Whether the watch is closed, and nothing more comes.</summary>
    public bool IsCanceled { get; init; }

    /// <summary>When it was closed since its history is gone: the oldest revision that can be read.</summary>
    public Revision Compacted { get; init; }

    /// <summary>Why it was closed; empty when the client asked for it.</summary>
    public string CancelReason { get; init; } = "";

    /// <summary>Whether the next answer continues this one.</summary>
    public bool IsFragment { get; init; }

    /// <summary>What happened, in order.</summary>
    public ImmutableArray<WatchEvent> Events { get; init; } = [];

    /// <inheritdoc/>
    public static WatchResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        long watch = 0, compacted = 0;
        bool created = false, canceled = false, fragment = false;
        var reason = "";
        var events = ImmutableArray.CreateBuilder<WatchEvent>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: watch = reader.Int64(); break;
                case 3: created = reader.Bool(); break;
                case 4: canceled = reader.Bool(); break;
                case 5: compacted = reader.Int64(); break;
                case 6: reason = reader.String(); break;
                case 7: fragment = reader.Bool(); break;
                case 11: events.Add(KeyValueCodec.ReadEvent(reader.Message())); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, watch)
        {
            IsCreated = created,
            IsCanceled = canceled,
            Compacted = new(compacted),
            CancelReason = reason,
            IsFragment = fragment,
            Events = events.DrainToImmutable(),
        };
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        writer.Number(2, Watch);
        writer.Flag(3, IsCreated);
        writer.Flag(4, IsCanceled);
        writer.Number(5, Compacted.Number);
        writer.Text(6, CancelReason);
        writer.Flag(7, IsFragment);
        foreach (var change in Events)
            KeyValueCodec.Write(writer, 11, change);
    }
}
