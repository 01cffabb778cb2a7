using Muster.Primitives;
using Muster.Server.Etcd.Access;

namespace Muster.Serving.Tests;

public sealed class PasswordDigestTests
{
    [Fact]
    public void A_password_matches_its_digest_and_no_other()
    {
        var digest = PasswordDigest.Make("correct horse", iterations: 1_000);

        Assert.True(PasswordDigest.Matches("correct horse", digest));
        Assert.False(PasswordDigest.Matches("correct horsf", digest));
        Assert.False(PasswordDigest.Matches("", digest));
    }

    [Fact]
    public void Equal_passwords_have_different_digests()
    {
        Assert.NotEqual(PasswordDigest.Make("same", iterations: 1_000), PasswordDigest.Make("same", iterations: 1_000));
    }

    [Fact]
    public void A_name_that_does_not_exist_matches_nothing()
    {
        Assert.False(PasswordDigest.Matches("", null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("pbkdf2-sha256$1000$AAAA$")]
    [InlineData("pbkdf2-sha256$0$AAAA$AAAA")]
    [InlineData("pbkdf2-sha256$99999999999$AAAA$AAAA")]
    [InlineData("pbkdf2-sha256$1000$*$AAAA")]
    [InlineData("md5$1$AAAA$AAAA")]
    public void A_digest_that_is_none_matches_nothing(string digest)
    {
        Assert.False(PasswordDigest.Matches("", ByteString.From(digest)));
    }

    [Fact]
    public void Digests_are_slow_by_design()
    {
        Assert.True(PasswordDigest.Iterations >= 600_000);
        Assert.StartsWith($"pbkdf2-sha256${PasswordDigest.Iterations}$", PasswordDigest.Make("x").ToString(), StringComparison.Ordinal);
    }
}
