using System.Collections.Immutable;
using Muster.Codecs.Keyspace;
using Muster.Primitives;
using Muster.Raft;

namespace Muster.Codecs.Raft;

/// <summary>What members say to each other as bytes.</summary>
/// <remarks>Format: docs/formats/raft.md. Canonical; decoding allocates at most 16 times the input. Framing belongs to the link.</remarks>
public static class RaftMessageCodec
{
    /// <summary>The version written, and the newest read.</summary>
    public const byte Version = 1;

    private const byte VoteRequestTag = 1, VoteResponseTag = 2, AppendTag = 3, AppendResponseTag = 4, HeartbeatTag = 5,
        HeartbeatResponseTag = 6, SnapshotTag = 7, TimeoutNowTag = 8, TransferTag = 9, ForwardTag = 10, ReadRequestTag = 11, ReadResponseTag = 12;

    private const int ProposalBytesMin = 2;

    /// <summary>A message's bytes.</summary>
    public static byte[] Encode(Message message)
    {
        var writer = new RecordWriter();
        writer.Byte(Version);
        writer.Byte(TagOf(message));
        writer.Unsigned(message.From.Number);
        writer.Unsigned(message.To.Number);
        if (!IsPassedOn(message))
            writer.Number(message.Term.Number);
        WriteBody(writer, message);
        return writer.Written.ToArray();
    }

    /// <summary>The message that some bytes hold, all of them.</summary>
    /// <exception cref="CodecException">They hold none, or one of a newer version.</exception>
    public static Message Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new RecordReader(bytes, 0, "raft message");
        var version = reader.Byte();
        if (version != Version)
            throw new CodecException("raft message", 0, $"the message has format version {version}; this program reads version {Version}: upgrade it");
        var tag = reader.Byte();
        if (tag is 0 or > ReadResponseTag)
            throw new CodecException("raft message", 1, $"a message has the unknown tag {tag}");
        var (from, to) = (new MemberId(reader.Unsigned()), new MemberId(reader.Unsigned()));
        var message = tag is TransferTag or ForwardTag or ReadRequestTag
            ? ReadPassedOn(ref reader, tag, from, to)
            : ReadBody(ref reader, tag, from, to, new(reader.Number()));
        reader.End();
        return message;
    }

    private static bool IsPassedOn(Message message) => message is Message.TransferRequest or Message.Forward or Message.ReadRequest;

    private static byte TagOf(Message message) => message switch
    {
        Message.VoteRequest => VoteRequestTag,
        Message.VoteResponse => VoteResponseTag,
        Message.Append => AppendTag,
        Message.AppendResponse => AppendResponseTag,
        Message.Heartbeat => HeartbeatTag,
        Message.HeartbeatResponse => HeartbeatResponseTag,
        Message.InstallSnapshot => SnapshotTag,
        Message.TimeoutNow => TimeoutNowTag,
        Message.TransferRequest => TransferTag,
        Message.Forward => ForwardTag,
        Message.ReadRequest => ReadRequestTag,
        _ => ReadResponseTag,
    };

    private static void WriteBody(RecordWriter writer, Message message)
    {
        switch (message)
        {
            case Message.VoteRequest m:
                RaftParts.Write(writer, m.Last);
                writer.Flag(m.IsPreVote);
                writer.Flag(m.IsTransfer);
                break;
            case Message.VoteResponse m:
                writer.Flag(m.IsPreVote);
                writer.Flag(m.Granted);
                RaftParts.Write(writer, m.Committed);
                break;
            case Message.Append m:
                RaftParts.Write(writer, m.Previous);
                writer.Unsigned((ulong)m.Entries.Length);
                foreach (var entry in m.Entries)
                    RaftParts.Write(writer, entry);
                writer.Number(m.Committed.Number);
                break;
            case Message.AppendResponse m:
                writer.Number(m.Index.Number);
                writer.Flag(m.Refused);
                RaftParts.Write(writer, m.Hint);
                break;
            case Message.Heartbeat m:
                writer.Number(m.Committed.Number);
                writer.Signed(m.Round);
                writer.Signed(m.SentAt.SinceOrigin.Ticks);
                break;
            case Message.HeartbeatResponse m:
                writer.Signed(m.Round);
                writer.Signed(m.SentAt.SinceOrigin.Ticks);
                break;
            case Message.InstallSnapshot m:
                RaftParts.Write(writer, m.Snapshot);
                break;
            case Message.TransferRequest m:
                writer.Unsigned(m.Target.Number);
                break;
            case Message.Forward m:
                writer.Unsigned((ulong)m.Proposals.Length);
                foreach (var proposal in m.Proposals)
                    RaftParts.Write(writer, proposal.Data, proposal.Change);
                break;
            case Message.ReadRequest m:
                writer.Unsigned(m.Context);
                break;
            case Message.ReadResponse m:
                writer.Unsigned(m.Context);
                writer.Number(m.Index.Number);
                break;
        }
    }

    private static Message ReadBody(ref RecordReader reader, byte tag, MemberId from, MemberId to, Term term)
    {
        switch (tag)
        {
            case VoteRequestTag:
                return new Message.VoteRequest(from, to, term, RaftParts.Position(ref reader), reader.Flag(), reader.Flag());
            case VoteResponseTag:
                return new Message.VoteResponse(from, to, term, reader.Flag(), reader.Flag(), RaftParts.Position(ref reader));
            case AppendTag:
                var previous = RaftParts.Position(ref reader);
                return new Message.Append(from, to, term, previous, RaftParts.Entries(ref reader, previous), new(reader.Number()));
            case AppendResponseTag:
                return new Message.AppendResponse(from, to, term, new(reader.Number()), reader.Flag(), RaftParts.Position(ref reader));
            case HeartbeatTag:
                return new Message.Heartbeat(from, to, term, new(reader.Number()), reader.Signed(), Instant(ref reader));
            case HeartbeatResponseTag:
                return new Message.HeartbeatResponse(from, to, term, reader.Signed(), Instant(ref reader));
            case SnapshotTag:
                return new Message.InstallSnapshot(from, to, term, RaftParts.Snapshot(ref reader));
            case TimeoutNowTag:
                return new Message.TimeoutNow(from, to, term);
            default:
                return new Message.ReadResponse(from, to, term, reader.Unsigned(), new(reader.Number()));
        }
    }

    private static Message ReadPassedOn(ref RecordReader reader, byte tag, MemberId from, MemberId to)
    {
        if (tag == TransferTag)
            return new Message.TransferRequest(from, to, new(reader.Unsigned()));
        if (tag == ReadRequestTag)
            return new Message.ReadRequest(from, to, reader.Unsigned());
        var proposals = ImmutableArray.CreateBuilder<Proposal>(reader.Count(ProposalBytesMin));
        for (var left = proposals.Capacity; left > 0; left--)
            proposals.Add(RaftParts.Content(ref reader));
        return new Message.Forward(from, to, proposals.MoveToImmutable());
    }

    private static Instant Instant(ref RecordReader reader) => new(TimeSpan.FromTicks(reader.Signed()));
}
