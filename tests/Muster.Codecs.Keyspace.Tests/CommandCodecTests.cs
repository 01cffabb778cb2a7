using Muster.Codecs.Keyspace;
using Muster.Keyspace;
using Muster.Keyspace.Tests;
using Muster.Primitives;

namespace Muster.Codecs.Tests.Keyspace;

public sealed class CommandCodecTests(ITestOutputHelper output)
{
    private const int Inputs = 200_000;

    [Fact]
    public void Whatever_the_bytes_a_command_is_canonical_or_a_typed_error()
    {
        var accepted = 0;
        for (var i = 0; i < Inputs; i++)
        {
            var seed = Seeds.First + (ulong)i;
            Seeds.Named(seed, () =>
            {
                var random = new SeededRandom(seed);
                var corpus = new Corpus(random);
                var good = CommandCodec.Encode(corpus.Command());
                var input = random.Next(10) switch
                {
                    0 => good,
                    < 3 => corpus.Noise(),
                    _ => corpus.Spoiled(good),
                };
                if (Verdict.Of(input, bytes => CommandCodec.Decode(bytes), CommandCodec.Encode))
                    accepted++;
                else
                    Assert.NotSame(good, input);
            });
        }

        output.WriteLine($"{accepted} of {Inputs} accepted");
        Assert.InRange(accepted, Inputs / 8, Inputs * 7 / 8);
    }

    [Fact]
    public void Whatever_the_bytes_a_result_is_canonical_or_a_typed_error()
    {
        var accepted = 0;
        var inputs = 0;
        for (var i = 0; inputs < Inputs; i++)
        {
            var random = new SeededRandom(Seeds.First + (ulong)i);
            var corpus = new Corpus(random);
            var machine = corpus.Machine(5);
            for (var j = 0; j < 200; j++, inputs++)
            {
                var result = machine.Apply(corpus.Command() with { Request = null });
                var good = ResultCodec.Encode(result);
                var input = j % 5 == 0 ? good : corpus.Spoiled(good);
                if (Verdict.Of(input, bytes => ResultCodec.Decode(bytes), ResultCodec.Encode))
                    accepted++;
                else
                    Assert.NotSame(good, input);
            }
        }

        output.WriteLine($"{accepted} of {inputs} accepted");
        Assert.InRange(accepted, inputs / 8, inputs * 7 / 8);
    }

    [Fact]
    public void A_decoded_command_does_what_the_encoded_one_would()
    {
        var random = new SeededRandom(Seeds.First);
        var corpus = new Corpus(random);
        var one = new KeyspaceMachine(KeyspaceLimits.Default);
        var other = new KeyspaceMachine(KeyspaceLimits.Default);

        for (var i = 0; i < 20_000; i++)
        {
            var command = corpus.Command();
            var results = (one.Apply(command), other.Apply(CommandCodec.Decode(CommandCodec.Encode(command))));
            Assert.Equal(ResultCodec.Encode(results.Item1), ResultCodec.Encode(results.Item2));
        }

        Assert.Equal(one.StateHash(), other.StateHash());
    }

    [Fact]
    public void Every_truncation_is_refused_at_its_end()
    {
        var corpus = new Corpus(new(Seeds.First));
        for (var i = 0; i < 300; i++)
        {
            var good = CommandCodec.Encode(corpus.Command());
            for (var length = 0; length < good.Length; length++)
                Assert.Throws<CodecException>(() => CommandCodec.Decode(good.AsSpan(0, length)));
        }
    }

    [Fact]
    public void A_newer_version_is_refused_by_name()
    {
        var bytes = CommandCodec.Encode(new Command.Compact(new(5)));
        bytes[0] = CommandCodec.Version + 1;

        var refused = Assert.Throws<CodecException>(() => CommandCodec.Decode(bytes));

        Assert.Contains("version 3", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, refused.Offset);
    }

    [Fact]
    public void The_bytes_of_format_1_stay_as_specified()
    {
        var put = new Command.Transact(Transaction.Always(new Operation.Put(ByteString.From("k"), ByteString.From("v"), new(7))))
        {
            Request = new RequestId(0x0102030405060708, 300),
        };

        Assert.Equal("01010108070605040302" + "01AC02" + "00" + "01" + "02016B01760E00" + "00", Convert.ToHexString(CommandCodec.Encode(put)));
        Assert.Equal("01020012" + "14", Convert.ToHexString(CommandCodec.Encode(new Command.GrantLease(new(9), 10))));
    }

    [Fact]
    public void The_bytes_of_format_2_stay_as_specified()
    {
        var put = new Command.Transact(Transaction.Always(new Operation.Put(ByteString.From("k"), ByteString.From("v"), new(7))))
        {
            Author = new("ann", 3),
        };
        var grant = new AuthChange.GrantPermission("r", new(KeyRange.Prefix("a"), Access.ReadWrite));

        Assert.Equal("020102" + "03616E6E06" + "00" + "01" + "02016B01760E00" + "00", Convert.ToHexString(CommandCodec.Encode(put)));
        Assert.Equal("020500" + "0A" + "0172" + "0161" + "0162" + "04", Convert.ToHexString(CommandCodec.Encode(new Command.ChangeAuth(grant))));
        Assert.Equal(
            "020600" + "0900000000000000" + "02" + "01",
            Convert.ToHexString(CommandCodec.Encode(new Command.SetAlarm(new(9, AlarmKind.NoSpace), Raised: true))));
    }

    [Fact]
    public void A_command_in_a_higher_version_than_it_needs_is_refused()
    {
        var bytes = CommandCodec.Encode(new Command.Compact(new(5)));
        bytes[0] = 2;

        Assert.Throws<CodecException>(() => CommandCodec.Decode(bytes));
    }

    [Fact]
    public void Nesting_without_end_is_refused_on_both_sides()
    {
        var transaction = Transaction.Always();
        for (var i = 0; i < 300; i++)
            transaction = Transaction.Always(new Operation.Nested(transaction));

        Assert.Throws<ArgumentException>(() => CommandCodec.Encode(new Command.Transact(transaction)));
        var bytes = new List<byte> { 1, 1, 0 };
        for (var i = 0; i < 100_000; i++)
            bytes.AddRange([0, 1, 4, 0xFF, 0xFF, 0, 0]);
        Assert.Throws<CodecException>(() => CommandCodec.Decode(bytes.ToArray()));
    }
}
