using Muster.Primitives;
using Muster.Server.Etcd.Access;

namespace Muster.Serving.Tests;

public sealed class TokenTableTests
{
    private static readonly Instant s_start = Instant.FromSeconds(100);

    [Fact]
    public void A_token_lives_as_long_as_it_is_used()
    {
        var tokens = new TokenTable(new() { Life = TimeSpan.FromMinutes(5) });
        tokens.Add("t", "ann", s_start);

        Assert.Equal("ann", tokens.Use("t", s_start + TimeSpan.FromMinutes(4)));
        Assert.Equal("ann", tokens.Use("t", s_start + TimeSpan.FromMinutes(8)));
        Assert.Null(tokens.Use("t", s_start + TimeSpan.FromMinutes(13)));
        Assert.Equal(0, tokens.Count);
    }

    [Fact]
    public void A_users_tokens_end_together_and_others_stay()
    {
        var tokens = new TokenTable(new());
        tokens.Add("a", "ann", s_start);
        tokens.Add("b", "bob", s_start);
        tokens.Add("c", "ann", s_start);

        tokens.EndOf("ann");

        Assert.Null(tokens.Use("a", s_start));
        Assert.Null(tokens.Use("c", s_start));
        Assert.Equal("bob", tokens.Use("b", s_start));
    }

    [Fact]
    public void One_token_too_many_ends_the_one_that_was_not_used_for_longest()
    {
        var tokens = new TokenTable(new() { TokensMax = 2 });
        tokens.Add("a", "ann", s_start);
        tokens.Add("b", "bob", s_start);
        tokens.Use("a", s_start);

        tokens.Add("c", "cid", s_start);

        Assert.Null(tokens.Use("b", s_start));
        Assert.Equal("ann", tokens.Use("a", s_start));
        Assert.Equal("cid", tokens.Use("c", s_start));
    }
}
