using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Muster.Primitives;

namespace Muster.Server.Etcd.Access;

/// <summary>Passwords as slow, salted digests: all that the store ever holds of them.</summary>
/// <remarks>
/// PBKDF2 with HMAC-SHA-256 (RFC 8018), as text: <c>pbkdf2-sha256$ITERATIONS$SALT$DIGEST</c>, the last two in base 64. The number of
/// iterations is in each digest, so that it can grow. Making and checking one takes tens to hundreds of milliseconds on purpose.
/// </remarks>
internal static class PasswordDigest
{
    /// <summary>Iterations of a new digest; default 600,000, OWASP's advice of 2023.</summary>
    public const int Iterations = 600_000;

    /// <summary>Iterations taken from a stored digest; above, it is taken for damaged.</summary>
    public const int IterationsMax = 10_000_000;

    private const string Kind = "pbkdf2-sha256";
    private const int SaltBytes = 16, DigestBytes = 32;

    // For names that do not exist: saying no must take as long as for those that do.
    private static readonly ByteString s_nobody = Make("", Iterations);

    /// <summary>A new digest of a password.</summary>
    public static ByteString Make(string password, int iterations = Iterations)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var digest = Derive(password, salt, iterations, DigestBytes);
        return ByteString.From(string.Create(
            CultureInfo.InvariantCulture, $"{Kind}${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(digest)}"));
    }

    /// <summary>Whether a password is the one that a digest was made of.</summary>
    /// <param name="password">What was given.</param>
    /// <param name="secret">The digest; null for a name that does not exist, which takes as long.</param>
    public static bool Matches(string password, ByteString? secret)
    {
        var parts = (secret ?? s_nobody).ToString().Split('$');
        if (parts is not [Kind, var count, var saltText, var digestText]
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations is 0 or > IterationsMax
            || !TryDecode(saltText, out var salt) || !TryDecode(digestText, out var digest) || digest.Length == 0)
            return false;
        return CryptographicOperations.FixedTimeEquals(Derive(password, salt, iterations, digest.Length), digest) && secret is not null;
    }

    private static byte[] Derive(string password, byte[] salt, int iterations, int length) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, length);

    private static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        var valid = Convert.TryFromBase64String(text, bytes, out var length);
        bytes = bytes[..length];
        return valid;
    }
}
