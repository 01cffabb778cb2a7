using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Keyspace.Tests;
using Muster.Primitives;

namespace Muster.Codecs.Tests.Etcd;

public sealed class MessageTests(ITestOutputHelper output)
{
    private const int RoundTrips = 100_000, Spoiled = 200_000;

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        for (var i = 0; i < RoundTrips; i++)
        {
            var seed = Seeds.First + (ulong)i;
            var kind = MessageKinds.All[i % MessageKinds.All.Count];
            Seeds.Named(seed, () =>
            {
                var bytes = kind.Sample(new(new(seed)));
                Assert.True(bytes.AsSpan().SequenceEqual(kind.ReadAndWrite(bytes)), $"{kind.Type.Name} {Convert.ToHexString(bytes)}");
            });
        }

        output.WriteLine($"count: {RoundTrips} round trips of {MessageKinds.All.Count} messages");
        Assert.True(MessageKinds.All.Count >= 55);
    }

    [Fact]
    public void Whatever_the_bytes_a_message_is_read_or_refused_by_type_and_never_takes_memory_out_of_proportion()
    {
        var accepted = 0;
        foreach (var kind in MessageKinds.All)
            kind.ReadAndWrite(kind.Sample(new(new(1))));       // what is made once is nobody's input
        for (var i = 0; i < Spoiled; i++)
        {
            var seed = Seeds.First + (ulong)i;
            var kind = MessageKinds.All[i % MessageKinds.All.Count];
            Seeds.Named(seed, () => accepted += Verdict(kind, new(new(seed))) ? 1 : 0);
        }

        output.WriteLine($"count: {Spoiled} spoiled messages, {accepted} still messages");
        Assert.InRange(accepted, Spoiled / 10, Spoiled * 9 / 10);
    }

    [Fact]
    public void Unknown_fields_groups_among_them_are_skipped()
    {
        // Field 100: a number, 8 bytes, a text, a group holding a group, 4 bytes.
        var unknown = Convert.FromHexString("A00601" + "A1060102030405060708" + "A20601FF" + "A306" + "AB06" + "0801" + "AC06" + "A406" + "A50601020304");
        var put = Proto.Encode(new PutRequest(new(ByteString.From("k"), ByteString.From("v"))));

        Assert.Equal(put, Proto.Encode(Proto.Decode<PutRequest>([.. unknown, .. put, .. unknown])));
        Assert.Throws<CodecException>(() => Proto.Decode<PutRequest>(Convert.FromHexString("A306A006")));
        Assert.Throws<CodecException>(() => Proto.Decode<PutRequest>(Convert.FromHexString("A406")));
    }

    [Theory]
    [InlineData("00")]                                // field 0
    [InlineData("0A05AA")]                            // shorter than it says
    [InlineData("0AFFFFFFFFFFFFFFFFFF01")]            // longer than anything
    [InlineData("0801")]                              // a number where bytes should be
    [InlineData("18FFFFFFFFFFFFFFFFFF7F")]            // a number of more than 64 bits
    [InlineData("18FFFFFFFFFFFFFFFFFFFF01")]
    [InlineData("80")]
    [InlineData("0E")]                                // a wire type that does not exist
    public void What_is_no_message_is_refused(string hex) =>
        Assert.Throws<CodecException>(() => Proto.Decode<PutRequest>(Convert.FromHexString(hex)));

    [Fact]
    public void Nesting_without_end_is_neither_followed_nor_fatal()
    {
        byte[] bytes = [];
        for (var i = 0; i < 5_000; i++)
        {
            var inner = new ProtoWriter();
            inner.Item(4, bytes);
            var outer = new ProtoWriter();
            outer.Item(2, inner.Written);
            bytes = outer.Written.ToArray();
        }

        Assert.True(Proto.Decode<TxnRequest>(bytes).IsOversized);
        Assert.Throws<CodecException>(() => Proto.Decode<TxnResponse>(Nested(field: 3, inner: 4)));
        Assert.Throws<CodecException>(() => Proto.Decode<EmptyRequest>([.. Enumerable.Repeat((byte)0x0B, 100_000)]));
    }

    [Fact]
    public void Many_small_guards_do_not_become_many_objects()
    {
        byte[] bytes = [.. Enumerable.Repeat(new byte[] { 0x0A, 0x00 }, 1 << 20).SelectMany(pair => pair)];
        var before = GC.GetAllocatedBytesForCurrentThread();

        var request = Proto.Decode<TxnRequest>(bytes);

        Assert.True(request.IsOversized);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32L << 20);
    }

    [Fact]
    public void An_operand_of_another_kind_than_the_target_counts_as_zero()
    {
        // target version (0), operand "create revision 5"
        var guard = Convert.FromHexString("0A05" + "1A016B" + "2805");

        var transaction = Proto.Decode<TxnRequest>(guard).Transaction;

        Assert.Equal(0, Assert.Single(transaction.Guards).Number);
    }

    [Fact]
    public void An_operation_that_names_nothing_is_noted()
    {
        var request = Proto.Decode<TxnRequest>(Convert.FromHexString("1200"));

        Assert.True(request.HasEmptyOperation);
        Assert.Single(request.Transaction.Then);
    }

    private static byte[] Nested(int field, int inner)
    {
        byte[] bytes = [];
        for (var i = 0; i < 2_000; i++)
        {
            var middle = new ProtoWriter();
            middle.Item(inner, bytes);
            var outer = new ProtoWriter();
            outer.Item(field, middle.Written);
            bytes = outer.Written.ToArray();
        }

        return bytes;
    }

    private static bool Verdict(MessageKind kind, Samples samples)
    {
        var input = samples.Spoiled(kind.Sample(samples));
        var before = GC.GetAllocatedBytesForCurrentThread();
        byte[] canonical;
        try
        {
            canonical = kind.ReadAndWrite(input);
        }
        catch (CodecException refused)
        {
            Assert.InRange(refused.Offset, 0, input.Length);
            CheckMemory(input, before);
            return false;
        }

        CheckMemory(input, before);
        Assert.Equal(canonical, kind.ReadAndWrite(canonical));
        return true;
    }

    private static void CheckMemory(byte[] input, long before)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= 64L * input.Length + 16 * 1024, $"{input.Length} bytes made {allocated} bytes of memory");
    }
}
