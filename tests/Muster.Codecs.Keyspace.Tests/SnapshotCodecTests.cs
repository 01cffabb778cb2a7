using Muster.Codecs.Keyspace;
using Muster.Keyspace;
using Muster.Keyspace.Tests;
using Muster.Primitives;

namespace Muster.Codecs.Tests.Keyspace;

public sealed class SnapshotCodecTests(ITestOutputHelper output)
{
    private const int Inputs = 200_000;

    [Fact]
    public void Whatever_the_bytes_a_snapshot_is_canonical_or_a_typed_error()
    {
        var accepted = 0;
        byte[] good = [];
        for (var i = 0; i < Inputs; i++)
        {
            var seed = Seeds.First + (ulong)i;
            var random = new SeededRandom(seed);
            var corpus = new Corpus(random);
            if (i % 50 == 0)
                good = Corpus.Bytes(corpus.Machine(random.Next(60)).Image());
            Seeds.Named(seed, () =>
            {
                var input = random.Next(20) switch
                {
                    0 => good,
                    1 => [.. "MUSTERKS"u8, (byte)random.Next(1, 3), .. corpus.Noise()],
                    _ => corpus.Spoiled(good),
                };
                if (Verdict.Of(input, bytes => SnapshotCodec.Decode(bytes), Corpus.Bytes))
                    accepted++;
                else
                    Assert.NotSame(good, input);
            });
        }

        output.WriteLine($"{accepted} of {Inputs} accepted");
        Assert.True(accepted > Inputs / 25);
    }

    [Fact]
    public void A_restored_keyspace_answers_as_the_one_it_was_taken_of()
    {
        for (var i = 0; i < 2_000; i++)
        {
            var seed = Seeds.First + (ulong)i;
            Seeds.Named(seed, () =>
            {
                var random = new SeededRandom(seed);
                var corpus = new Corpus(random);
                var machine = corpus.Machine(random.Next(80));
                var restored = KeyspaceMachine.Restore(
                    SnapshotCodec.Decode(Corpus.Bytes(machine.Image())), KeyspaceLimits.Default with { ClientsMax = 5, RememberedResultBytesMax = 400 });

                Assert.Equal(machine.StateHash(), restored.StateHash());
                for (var step = 0; step < 20; step++)
                {
                    var command = corpus.Command();
                    Assert.Equal(ResultCodec.Encode(machine.Apply(command)), ResultCodec.Encode(restored.Apply(command)));
                }

                Assert.Equal(Corpus.Bytes(machine.Image()), Corpus.Bytes(restored.Image()));
            });
        }
    }

    [Fact]
    public void A_large_snapshot_comes_in_chunks_and_can_be_taken_in_any_pieces()
    {
        var random = new SeededRandom(Seeds.First);
        var machine = new KeyspaceMachine(KeyspaceLimits.Default);
        for (var i = 0; i < 5_000; i++)
        {
            var value = new byte[random.Next(100)];
            random.Fill(value);
            machine.Apply(new Command.Transact(Transaction.Always(new Operation.Put(ByteString.From($"key/{i}"), new(value)))));
        }

        machine.Apply(new Command.Transact(Transaction.Always(new Operation.Put(ByteString.From("large"), new(new byte[1_000_000])))));
        machine.Apply(new Command.Compact(new(3_000)));
        var chunks = SnapshotCodec.Encode(machine.Image()).Select(chunk => chunk.ToArray()).ToList();
        var bytes = chunks.SelectMany(chunk => chunk).ToArray();

        Assert.True(chunks.Count > 6);
        var decoder = new SnapshotDecoder();
        for (var rest = bytes.AsSpan(); !rest.IsEmpty;)
        {
            var piece = Math.Min(rest.Length, random.Next(1, 20_000));
            decoder.Add(rest[..piece]);
            rest = rest[piece..];
        }

        Assert.Equal(machine.StateHash(), decoder.Finish().StateHash());
        Assert.True(Verdict.Of(bytes, all => SnapshotCodec.Decode(all), Corpus.Bytes));
    }

    [Fact]
    public void Many_tiny_versions_do_not_become_large_in_memory()
    {
        var machine = new KeyspaceMachine(KeyspaceLimits.Default);
        for (var i = 0; i < 40_000; i++)
            machine.Apply(new Command.Transact(Transaction.Always(new Operation.Put(new([(byte)(i >> 8), (byte)i]), default))));
        for (var i = 1; i < 20_000; i++)
            machine.Apply(new Command.GrantLease(new(i), 2));
        var withEvents = Corpus.Bytes(machine.Image());
        machine.Apply(new Command.Compact(machine.Revision));

        Assert.True(Verdict.Of(withEvents, bytes => SnapshotCodec.Decode(bytes), Corpus.Bytes));
        Assert.True(Verdict.Of(Corpus.Bytes(machine.Image()), bytes => SnapshotCodec.Decode(bytes), Corpus.Bytes));
    }

    [Fact]
    public void Every_truncation_and_every_flipped_bit_is_found()
    {
        var good = Corpus.Bytes(new Corpus(new(Seeds.First)).Machine(60).Image());

        for (var length = 0; length < good.Length; length++)
            Assert.Throws<CodecException>(() => SnapshotCodec.Decode(good.AsSpan(0, length)));
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var bad = good.ToArray();
            bad[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<CodecException>(() => SnapshotCodec.Decode(bad));
        }

        output.WriteLine($"{good.Length} bytes");
    }

    [Fact]
    public void A_newer_version_is_refused_by_name()
    {
        var bytes = Corpus.Bytes(new KeyspaceMachine(KeyspaceLimits.Default).Image());
        bytes[8] = SnapshotCodec.Version + 1;

        var refused = Assert.Throws<CodecException>(() => SnapshotCodec.Decode(bytes));

        Assert.Contains("version 3", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bytes_of_format_1_stay_as_specified()
    {
        var machine = new KeyspaceMachine(KeyspaceLimits.Default);
        machine.Apply(new Command.GrantLease(new(9), 10));
        machine.Apply(new Command.Transact(Transaction.Always(new Operation.Put(ByteString.From("k"), ByteString.From("v"), new(9)))));

        var chunks = SnapshotCodec.Encode(machine.Image()).Select(chunk => Convert.ToHexString(chunk.Span)).ToList();

        Assert.Equal("4D55535445524B5301" + "0102000000" + "0401", chunks[0]);
        Assert.Equal("030F000000" + "016B0176" + "04" + "0200000000000000" + "02" + "12", chunks[1]);
        Assert.Equal("0409000000" + "0900000000000000" + "14", chunks[2]);
        Assert.StartsWith("0608000000", chunks[3], StringComparison.Ordinal);
        Assert.Equal(4, chunks.Count);
    }
}
