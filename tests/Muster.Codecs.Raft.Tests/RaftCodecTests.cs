using System.Collections.Immutable;
using Muster.Primitives;
using Muster.Raft;

namespace Muster.Codecs.Raft.Tests;

public class RaftCodecTests(ITestOutputHelper output)
{
    private const int Cases = 20_000;

    private static ulong Base => ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    [Fact]
    public void What_is_written_is_read_again_and_has_one_form()
    {
        for (var seed = Base; seed < Base + Cases; seed++)
        {
            var draw = new Drawing(new(seed));
            var (message, record) = (draw.Message(), draw.Record());

            var (messageBytes, recordBytes) = (RaftMessageCodec.Encode(message), RaftRecordCodec.Encode(record));

            Assert.Equal(messageBytes, RaftMessageCodec.Encode(RaftMessageCodec.Decode(messageBytes)));
            Assert.Equal(recordBytes, RaftRecordCodec.Encode(RaftRecordCodec.Decode(recordBytes)));
            Assert.Equal(message.GetType(), RaftMessageCodec.Decode(messageBytes).GetType());
        }

        output.WriteLine($"count: {2 * Cases} raft messages and records there and back");
    }

    [Fact]
    public void Every_truncation_and_every_changed_byte_is_refused_by_name_or_is_another_canonical_form()
    {
        var tried = 0;
        for (var seed = Base; seed < Base + 300; seed++)
        {
            var draw = new Drawing(new(seed));
            byte[] message = RaftMessageCodec.Encode(draw.Message()), record = RaftRecordCodec.Encode(draw.Record());

            tried += Damage(message, bytes => RaftMessageCodec.Encode(RaftMessageCodec.Decode(bytes)), draw.Random);
            tried += Damage(record, bytes => RaftRecordCodec.Encode(RaftRecordCodec.Decode(bytes)), draw.Random);
        }

        output.WriteLine($"count: {tried} damaged raft messages and records");
    }

    [Fact]
    public void Another_version_and_an_unknown_kind_are_refused_by_name()
    {
        var newer = Assert.Throws<CodecException>(() => RaftMessageCodec.Decode([9, 1]));
        var unknown = Assert.Throws<CodecException>(() => RaftRecordCodec.Decode([1, 77]));

        Assert.Contains("version 9", newer.Message, StringComparison.Ordinal);
        Assert.Contains("tag 77", unknown.Message, StringComparison.Ordinal);
    }

    private static int Damage(byte[] bytes, Func<byte[], byte[]> again, SeededRandom random)
    {
        for (var length = 0; length < bytes.Length; length++)
            Refused(bytes[..length], again, mayHold: false);
        for (var at = 0; at < bytes.Length; at++)
        {
            var changed = bytes.ToArray();
            changed[at] ^= (byte)(1 << random.Next(8));
            Refused(changed, again, mayHold: true);
        }

        return 2 * bytes.Length;
    }

    private static void Refused(byte[] bytes, Func<byte[], byte[]> again, bool mayHold)
    {
        try
        {
            Assert.Equal(bytes, again(bytes));
            Assert.True(mayHold);
        }
        catch (CodecException)
        {
            // By name, as it must.
        }
    }

    private sealed class Drawing(SeededRandom random)
    {
        public SeededRandom Random => random;

        public Message Message()
        {
            var (from, to, term) = (Member(), Member(), new Term(Number()));
            return random.Next(12) switch
            {
                0 => new Message.VoteRequest(from, to, term, Position(), Coin(), Coin()),
                1 => new Message.VoteResponse(from, to, term, Coin(), Coin(), Position()),
                2 => Append(from, to, term),
                3 => new Message.AppendResponse(from, to, term, new(Number()), Coin(), Position()),
                4 => new Message.Heartbeat(from, to, term, new(Number()), Number(), Instant.FromSeconds(random.Next(1000))),
                5 => new Message.HeartbeatResponse(from, to, term, Number(), Instant.FromSeconds(random.Next(1000))),
                6 => new Message.InstallSnapshot(from, to, term, Snapshot()),
                7 => new Message.TimeoutNow(from, to, term),
                8 => new Message.TransferRequest(from, to, Member()),
                9 => new Message.Forward(from, to, [.. Enumerable.Range(0, random.Next(4)).Select(_ => Content())]),
                10 => new Message.ReadRequest(from, to, random.NextUInt64()),
                _ => new Message.ReadResponse(from, to, term, random.NextUInt64(), new(Number())),
            };
        }

        public RaftRecord Record() => random.Next(3) switch
        {
            0 => new RaftRecord.Hard(new(new(Number()), Member(), new(Number()))),
            1 => new RaftRecord.Entry(Entry(new(Number()))),
            _ => new RaftRecord.Installed(Snapshot()),
        };

        private Message Append(MemberId from, MemberId to, Term term)
        {
            var previous = Position();
            return new Message.Append(
                from, to, term, previous, [.. Enumerable.Range(1, random.Next(5)).Select(i => Entry(previous.Index + i))], new(Number()));
        }

        private LogEntry Entry(LogIndex index)
        {
            var content = Content();
            return new(new(Number()), index, content.Data, content.Change);
        }

        private Proposal Content()
        {
            var data = new byte[random.Next(20)];
            random.Fill(data);
            return random.Chance(0.2)
                ? new(default, new([.. Enumerable.Range(0, random.Next(4)).Select(_ => new MemberChange((MemberChangeKind)random.Next(4), Member()))],
                    (Transition)random.Next(3), data))
                : new(data);
        }

        private Snapshot Snapshot() => new(Position(), new(Members(), Members(), Members(), Members(), Coin()), new byte[random.Next(9)]);

        private MemberSet Members() => MemberSet.Of(Enumerable.Range(0, random.Next(5)).Select(_ => new MemberId(1 + (ulong)random.Next(1000))));

        private LogPosition Position() => new(new(Number()), new(Number()));

        private MemberId Member() => new((ulong)random.Next(9));

        private bool Coin() => random.Chance(0.5);

        private long Number() => random.Chance(0.5) ? random.Next(200) : (long)(random.NextUInt64() >> random.Next(2, 60));
    }
}
