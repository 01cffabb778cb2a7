using Muster.Codecs.Backup;
using Muster.Keyspace.Tests;
using Muster.Primitives;

namespace Muster.Codecs.Tests.Keyspace;

public sealed class BackupTests
{
    private const int Cases = 300;

    [Fact]
    public void What_was_saved_is_what_is_read_in_pieces_of_any_size()
    {
        for (var i = 0; i < Cases; i++)
        {
            var seed = Seeds.First + (ulong)i;
            Seeds.Named(seed, () =>
            {
                var random = new SeededRandom(seed);
                var machine = new Corpus(random).Machine(random.Next(60));
                var saved = new Backup.Backup(new(random.NextUInt64()), machine.Image());

                var bytes = Bytes(random.NextUInt64(), saved);
                var read = Read(bytes, () => random.Next(1, 700));

                Assert.Equal(BackupEncoder.Length(saved), bytes.Length);
                Assert.Equal(32, bytes.Length % 512);
                Assert.Equal(saved.Cluster, read.Cluster);
                Assert.Equal(saved.Image.StateHash(), read.Image.StateHash());
            });
        }
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_is_found_and_named_near_its_place()
    {
        var machine = new Corpus(new(Seeds.First)).Machine(20);
        var good = Bytes(7, new(new(3), machine.Image()));

        for (var length = 0; length < good.Length; length++)
            Assert.Equal(length, Assert.Throws<CodecException>(() => Read(good[..length], () => 4096)).Offset);
        for (var at = 0; at < good.Length; at++)
        {
            var bad = good.ToArray();
            bad[at] ^= (byte)(1 << at % 8);
            var damage = Assert.Throws<CodecException>(() => Read(bad, () => 4096));
            Assert.True(damage.Offset <= Math.Max(at, 64) || damage.Message.Contains("too early", StringComparison.Ordinal), $"{at}: {damage.Message}");
        }

        Assert.Throws<CodecException>(() => Read([.. good, 0], () => 4096));
    }

    [Fact]
    public void A_backup_of_many_blocks_names_the_damaged_one()
    {
        var image = Large();
        var good = Bytes(7, new(new(3), image));
        Assert.Equal(image.StateHash(), Read(good, () => 100_000).Image.StateHash());

        good[700_000] ^= 1;

        var damage = Assert.Throws<CodecException>(() => Read(good, () => 100_000));
        Assert.InRange(damage.Offset, 700_000 - 270_000, 700_000);
    }

    private static Muster.Keyspace.KeyspaceImage Large()
    {
        var machine = new Muster.Keyspace.KeyspaceMachine(Muster.Keyspace.KeyspaceLimits.Default);
        for (var i = 0; i < 10; i++)
        {
            var value = new byte[130_000];
            new SeededRandom((ulong)i).Fill(value);
            machine.Apply(new Muster.Keyspace.Command.Transact(Transaction.Always(new Operation.Put(ByteString.From($"k{i}"), new(value)))));
        }

        return machine.Image();
    }

    private static byte[] Bytes(ulong salt, Backup.Backup backup)
    {
        var all = new List<byte>();
        foreach (var piece in BackupEncoder.Encode(salt, backup))
            all.AddRange(piece.Span);
        return [.. all];
    }

    private static Backup.Backup Read(byte[] bytes, Func<int> pieces)
    {
        using var decoder = new BackupDecoder();
        for (var rest = bytes.AsSpan(); !rest.IsEmpty;)
        {
            var piece = Math.Min(pieces(), rest.Length);
            decoder.Add(rest[..piece]);
            rest = rest[piece..];
        }

        return decoder.Finish();
    }
}
