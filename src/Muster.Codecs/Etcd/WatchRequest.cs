using Muster.Codecs.Protobuf;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>What a client asks of a stream of watches.</summary>
public abstract record WatchRequest : IProtoMessage<WatchRequest>
{
    private WatchRequest()
    {
    }

    /// <summary>Opens a watch.</summary>
    /// <param name="Filter">What it wants to see.</param>
    /// <param name="Start">First revision of interest; none for what comes after now.</param>
    /// <param name="Watch">Its id on this stream; 0 lets the server choose.</param>
    public sealed record Create(WatchFilter Filter, Revision Start, long Watch) : WatchRequest
    {
        /// <summary>Whether an idle watch is told how far it is, now and then.</summary>
        public bool NotifyProgress { get; init; }

        /// <summary>Whether large batches may be divided.</summary>
        public bool MayDivide { get; init; }
    }

    /// <summary>Closes a watch.</summary>
    /// <param name="Watch">Its id on this stream.</param>
    public sealed record Cancel(long Watch) : WatchRequest;

    /// <summary>Asks how far the stream's watches are.</summary>
    public sealed record Progress : WatchRequest;

    /// <summary>A request that asks nothing; etcd ignores it.</summary>
    public sealed record Nothing : WatchRequest;

    /// <inheritdoc/>
    public static WatchRequest Read(scoped ref ProtoReader reader)
    {
        WatchRequest request = new Nothing();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: request = ReadCreate(reader.Message()); break;
                case 2: request = ReadCancel(reader.Message()); break;
                case 3:
                    reader.Message<EmptyRequest>();
                    request = new Progress();
                    break;
                default: reader.Skip(); break;
            }
        }

        return request;
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        switch (this)
        {
            case Create create:
                var mark = writer.Open(1);
                WriteCreate(writer, create);
                writer.Close(mark);
                break;
            case Cancel(var watch):
                mark = writer.Open(2);
                writer.Number(1, watch);
                writer.Close(mark);
                break;
            case Progress:
                writer.Close(writer.Open(3));
                break;
        }
    }

    private static Create ReadCreate(ProtoReader reader)
    {
        ByteString start = default, end = default;
        var (from, watch) = (0L, 0L);
        bool progress = false, noPuts = false, noDeletes = false, previous = false, divide = false;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: start = reader.ByteString(); break;
                case 2: end = reader.ByteString(); break;
                case 3: from = reader.Int64(); break;
                case 4: progress = reader.Bool(); break;
                case 5: ReadFilters(ref reader, ref noPuts, ref noDeletes); break;
                case 6: previous = reader.Bool(); break;
                case 7: watch = reader.Int64(); break;
                case 8: divide = reader.Bool(); break;
                default: reader.Skip(); break;
            }
        }

        var filter = new WatchFilter(new(start, end)) { NoPuts = noPuts, NoDeletes = noDeletes, ReturnPrevious = previous };
        return new(filter, new(from), watch) { NotifyProgress = progress, MayDivide = divide };
    }

    /// <summary>Filters that are not known filter nothing.</summary>
    private static void ReadFilters(ref ProtoReader reader, ref bool noPuts, ref bool noDeletes)
    {
        if (!reader.IsPacked)
        {
            var filter = reader.UInt64();
            (noPuts, noDeletes) = (noPuts || filter == 0, noDeletes || filter == 1);
            return;
        }

        var run = reader.Message();
        while (run.TryPacked(out var filter))
            (noPuts, noDeletes) = (noPuts || filter == 0, noDeletes || filter == 1);
    }

    private static Cancel ReadCancel(ProtoReader reader)
    {
        var watch = 0L;
        while (reader.Next())
        {
            if (reader.Field == 1)
                watch = reader.Int64();
            else
                reader.Skip();
        }

        return new(watch);
    }

    private static void WriteCreate(ProtoWriter writer, Create create)
    {
        writer.Bytes(1, create.Filter.Keys.Start);
        writer.Bytes(2, create.Filter.Keys.End);
        writer.Number(3, create.Start.Number);
        writer.Flag(4, create.NotifyProgress);
        if (create.Filter.NoPuts || create.Filter.NoDeletes)
            writer.Item(5, (create.Filter.NoPuts, create.Filter.NoDeletes) switch
            {
                (true, true) => [0, 1],
                (true, false) => [0],
                _ => [1],
            });
        writer.Flag(6, create.Filter.ReturnPrevious);
        writer.Number(7, create.Watch);
        writer.Flag(8, create.MayDivide);
    }
}
