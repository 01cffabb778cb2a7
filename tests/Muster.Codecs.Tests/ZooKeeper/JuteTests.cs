using System.Collections.Immutable;
using Muster.Codecs.ZooKeeper;
using Muster.Codecs.ZooKeeper.Store;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Codecs.Tests.ZooKeeper;

/// <summary>ZooKeeper's records and those of a store kept there: bytes as specified, round trips, and input from nowhere.</summary>
public sealed class JuteTests
{
    private const int Cases = 20_000;

    private static ulong Seed => ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    private static int Scale => int.TryParse(Environment.GetEnvironmentVariable("MUSTER_SCALE"), out var scale) ? scale : 1;

    [Fact]
    public void A_first_packet_has_the_bytes_that_servers_expect()
    {
        var bytes = new ConnectRequest(0x0102, TimeSpan.FromMilliseconds(10_000), 0, new byte[16]).Encode();

        Assert.Equal("00000000" + "0000000000000102" + "00002710" + "0000000000000000" + "00000010" + new string('0', 32) + "00", Convert.ToHexString(bytes));
    }

    [Fact]
    public void A_group_of_writes_has_the_bytes_that_servers_expect()
    {
        var bytes = ZooKeeperMulti.Encode([new ZnodeWrite.Check("/a", 7), new ZnodeWrite.Create("/b", new byte[] { 9 }, ZnodeAcl.Open)]);

        Assert.Equal(
            "0000000D00FFFFFFFF" + "000000022F6100000007"
            + "0000000100FFFFFFFF" + "000000022F62" + "0000000109" + "00000001" + "0000001F" + "00000005776F726C64" + "00000006616E796F6E65" + "00000000"
            + "FFFFFFFF01FFFFFFFF",
            Convert.ToHexString(bytes));
    }

    [Fact]
    public void An_old_servers_answer_without_its_last_byte_is_read()
    {
        var bytes = new ConnectResponse(TimeSpan.FromSeconds(4), 77, new byte[16]).Encode();

        Assert.Equal(77, ConnectResponse.Decode(bytes.AsSpan(0, bytes.Length - 1)).Session);
    }

    [Fact]
    public void A_session_that_ended_is_told_by_a_timeout_of_zero() =>
        Assert.True(ConnectResponse.Decode(new ConnectResponse(TimeSpan.Zero, 0, new byte[16]).Encode()).IsExpired);

    [Theory]
    [InlineData("/a/b", true)]
    [InlineData("/", true)]
    [InlineData("", false)]
    [InlineData("a", false)]
    [InlineData("/a/", false)]
    [InlineData("/a//b", false)]
    [InlineData("/a/../b", false)]
    [InlineData("/a\u0001", false)]
    public void Paths_that_servers_would_refuse_are_refused_here(string path, bool isRight) => Assert.Equal(isRight, ZnodePath.Flaw(path) is null);

    [Fact]
    public void Every_key_has_a_node_of_its_own_and_every_node_is_allowed()
    {
        var random = new SeededRandom(Seed);
        for (var i = 0; i < Cases * Scale; i++)
        {
            var key = Bytes(random, 1 + (int)(random.NextUInt64() % 20));
            var name = ZnodePath.Escape(key);

            Assert.True(ZnodePath.Flaw("/" + name) is null, $"seed {Seed}, case {i}: {name}");
            Assert.True(ZnodePath.Unescape(name) == key, $"seed {Seed}, case {i}: {name}");
        }
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var random = new SeededRandom(Seed);
        for (var i = 0; i < Cases * Scale / 10; i++)
        {
            var commit = DrawCommit(random);
            var read = StoreCommitCodec.Decode(StoreCommitCodec.Encode(commit));
            var outcome = DrawOutcome(random, out var writes);
            var decoded = ZooKeeperMulti.Decode(ZooKeeperMulti.EncodeOutcome(writes, outcome));

            Assert.Equal(StoreCommitCodec.Encode(commit), StoreCommitCodec.Encode(read.Commit with { Keys = [.. read.Keys.Select(key => key.Key)] }));
            Assert.Equal(outcome, decoded);
        }
    }

    [Fact]
    public void A_value_over_the_inline_limit_stays_in_its_own_node()
    {
        var key = new KeyValue(ByteString.From("k"), new ByteString(new byte[StoreCommitCodec.InlineBytesMax + 1]), new(2), new(2), new(1), default);

        var read = StoreCommitCodec.Decode(StoreCommitCodec.Encode(new StoreCommit(2, 1, new(2)) { Keys = [key] }));

        Assert.Equal((true, 0), (read.Keys[0].IsApart, read.Keys[0].Key.Value.Length));
        Assert.Equal(key, StoreCommitCodec.DecodeKey(StoreCommitCodec.EncodeKey(key)));
    }

    [Fact]
    public void Bytes_from_nowhere_are_refused_and_nothing_else_happens()
    {
        var random = new SeededRandom(Seed);
        var (accepted, refused) = (0, 0);
        for (var i = 0; i < Cases * Scale; i++)
        {
            var (bytes, decode) = DrawInput(random);
            Mutate(random, ref bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                decode(bytes);
                accepted++;
            }
            catch (CodecException)
            {
                refused++;
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 20_000 + 64L * bytes.Length, $"seed {Seed}, case {i}: {allocated} bytes for {bytes.Length}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"count: {Cases * Scale} mutated ZooKeeper records ({refused} refused, {accepted} read)");
        Assert.True(refused > Cases / 4 && accepted > 0);
    }

    private static (byte[] Bytes, Action<byte[]> Decode) DrawInput(SeededRandom random)
    {
        switch (random.NextUInt64() % 7)
        {
            case 0:
                return (new ConnectRequest(5, TimeSpan.FromSeconds(1), 9, new byte[16]).Encode(), bytes => ConnectRequest.Decode(bytes));
            case 1:
                return (new ConnectResponse(TimeSpan.FromSeconds(1), 9, new byte[16]).Encode(), bytes => ConnectResponse.Decode(bytes));
            case 2:
                return (new ReplyHeader(1, 2, ZooKeeperError.None).Encode(), bytes => ReplyHeader.Decode(bytes));
            case 3:
                return (new ZnodeNotice(ZooKeeperEvent.Created, "/a/b").Encode(), bytes => ZnodeNotice.Decode(bytes));
            case 4:
                var outcome = DrawOutcome(random, out var writes);
                return (ZooKeeperMulti.EncodeOutcome(writes, outcome), bytes => ZooKeeperMulti.Decode(bytes));
            case 5:
                return (new byte[84], bytes =>
                {
                    ZooKeeperReplies.Data(bytes);
                    ZooKeeperReplies.Children(bytes);
                });
            default:
                return (StoreCommitCodec.Encode(DrawCommit(random)), bytes => StoreCommitCodec.Decode(bytes));
        }
    }

    private static void Mutate(SeededRandom random, ref byte[] bytes)
    {
        for (var times = random.NextUInt64() % 4; times > 0 && bytes.Length > 0; times--)
        {
            var at = (int)(random.NextUInt64() % (ulong)bytes.Length);
            switch (random.NextUInt64() % 4)
            {
                case 0:
                    bytes[at] ^= (byte)(1 << (int)(random.NextUInt64() % 8));
                    break;
                case 1:
                    bytes[at] = (byte)(random.NextUInt64() % 2 == 0 ? 0xFF : 0x7F);
                    break;
                case 2:
                    bytes = bytes[..at];
                    break;
                default:
                    bytes = [.. bytes, .. bytes[at..]];
                    break;
            }
        }
    }

    private static MultiOutcome DrawOutcome(SeededRandom random, out ImmutableArray<ZooKeeperOperation> writes)
    {
        ZooKeeperOperation[] kinds = [ZooKeeperOperation.Create, ZooKeeperOperation.Delete, ZooKeeperOperation.SetData, ZooKeeperOperation.Check];
        writes = [.. Enumerable.Range(0, 1 + (int)(random.NextUInt64() % 5)).Select(_ => kinds[random.NextUInt64() % 4])];
        return random.NextUInt64() % 2 == 0
            ? new MultiOutcome.Done()
            : new MultiOutcome.Refused((int)(random.NextUInt64() % (ulong)writes.Length), ZooKeeperError.BadVersion);
    }

    private static StoreCommit DrawCommit(SeededRandom random) => new((long)(random.NextUInt64() >> 20), random.NextUInt64(), new((long)(random.NextUInt64() >> 20)))
    {
        Keys = [.. Draw(random, () => new KeyValue(Bytes(random, 3), Bytes(random, 9), new(2), new(5), new(3), new((long)random.NextUInt64() % 3)))],
        Granted = [.. Draw(random, () => new LeaseTerm(new((long)random.NextUInt64()), 10))],
        Ended = [.. Draw(random, () => new LeaseId((long)random.NextUInt64()))],
        Requests = [.. Draw(random, () => new RememberedRequest(
            new(random.NextUInt64(), random.NextUInt64()), random.NextUInt64() % 2 == 0 ? null : new CommandResult.Granted(new(4), 10, new(9))))],
        Forgotten = [.. Draw(random, random.NextUInt64)],
    };

    private static IEnumerable<T> Draw<T>(SeededRandom random, Func<T> one) => Enumerable.Range(0, (int)(random.NextUInt64() % 4)).Select(_ => one()).ToList();

    private static ByteString Bytes(SeededRandom random, int count) => new([.. Enumerable.Range(0, count).Select(_ => (byte)random.NextUInt64())]);
}
