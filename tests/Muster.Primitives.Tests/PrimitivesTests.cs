using System.Text.Json;
using Muster.Primitives;

namespace Muster.Primitives.Tests;

public sealed class PrimitivesTests
{
    [Fact]
    public void The_random_sequence_never_changes_so_that_old_seeds_find_their_old_bugs()
    {
        var random = new SeededRandom(1234567);

        ulong[] drawn = [random.NextUInt64(), random.NextUInt64(), random.NextUInt64()];

        // SplitMix64 of seed 1234567, as published with the algorithm's reference code.
        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], drawn);
    }

    [Fact]
    public void Bounded_numbers_stay_below_the_bound_and_reach_every_value()
    {
        var random = new SeededRandom(7);

        var seen = Enumerable.Range(0, 10_000).Select(_ => random.Next(7)).ToHashSet();

        Assert.Equal([0, 1, 2, 3, 4, 5, 6], seen.Order());
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "ab", true)]
    [InlineData("a", "b", false)]
    [InlineData("", "anything", true)]
    public void A_prefix_range_holds_exactly_the_keys_that_begin_with_it(string prefix, string key, bool inside) =>
        Assert.Equal(inside, KeyRange.Prefix(prefix).Contains(ByteString.From(key)));

    [Fact]
    public void A_prefix_of_bytes_that_cannot_grow_has_no_upper_bound()
    {
        var range = KeyRange.Prefix(new ByteString([0xFF, 0xFF]));

        Assert.True(range.IsOpen);
        Assert.True(range.Contains(new ByteString([0xFF, 0xFF, 0xFF])));
        Assert.False(range.Contains(new ByteString([0xFF])));
    }

    [Fact]
    public void A_range_whose_end_is_not_after_its_start_is_empty()
    {
        var range = new KeyRange(ByteString.From("b"), ByteString.From("a"));

        Assert.True(range.IsEmpty);
        Assert.False(range.Contains(ByteString.From("a")));
        Assert.False(range.Contains(ByteString.From("b")));
    }

    [Theory]
    [InlineData("charlm", true)]
    [InlineData("a-1", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("A", false)]
    [InlineData("a/b", false)]
    public void A_job_is_named_by_letters_digits_and_inner_hyphens(string name, bool valid) => Assert.Equal(valid, JobId.IsValid(name));

    [Fact]
    public void Ids_are_bare_numbers_and_names_in_json()
    {
        var token = new FencingToken(new ClusterId(0xAB), new Revision(7));

        Assert.Equal("\"00000000000000ab/7\"", JsonSerializer.Serialize(token));
        Assert.Equal(token, JsonSerializer.Deserialize<FencingToken>("\"00000000000000ab/7\""));
        Assert.Equal("3", JsonSerializer.Serialize(new Generation(3)));
        Assert.Equal(new JobId("a"), JsonSerializer.Deserialize<JobId>("\"a\""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<JobId>("\"A B\""));
    }

    [Fact]
    public void A_broken_invariant_names_its_condition()
    {
        var two = 2;

        var broken = Assert.Throws<InvariantBrokenException>(() => Invariant.Require(two == 3));

        Assert.Equal("two == 3", broken.Expression);
    }
}
