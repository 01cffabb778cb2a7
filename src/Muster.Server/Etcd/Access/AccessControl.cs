using System.Security.Cryptography;
using Muster.Keyspace;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Server.Etcd.Access;

/// <summary>Who makes a call; for use on the store's loop only.</summary>
/// <param name="state">Users and roles as they are now.</param>
/// <param name="clock">For the life of tokens.</param>
/// <param name="limits">Bounds of tokens.</param>
internal sealed class AccessControl(Func<AuthState> state, MonotonicClock clock, TokenLimits limits)
{
    private const int TokenBytes = 16;

    private readonly TokenTable _tokens = new(limits);

    /// <summary>On whose behalf a call is made.</summary>
    /// <param name="credentials">What the caller brought.</param>
    /// <exception cref="StoreRefusedException">The token is nobody's, or no longer: authenticate again.</exception>
    public Author Identify(Credentials credentials)
    {
        var auth = state();
        if (!auth.Enabled)
            return Author.Anonymous;
        if (credentials.Token is { } token)
        {
            return _tokens.Use(token, clock.Now) is { } holder
                ? new(holder, auth.Revision)
                : throw new StoreRefusedException(StoreRefusal.TokenInvalid);
        }

        return credentials.CertificateName is { Length: > 0 } name ? new(name, auth.Revision) : Author.Anonymous;
    }

    /// <summary>A new token for somebody who has shown the password.</summary>
    public string Issue(string user)
    {
        var token = $"{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes))}.{state().Revision}";
        _tokens.Add(token, user, clock.Now);
        return token;
    }

    /// <summary>Ends the tokens that a change makes worthless.</summary>
    public void Learn(AuthChange change)
    {
        switch (change)
        {
            case AuthChange.Disable:
                _tokens.Clear();
                break;
            case AuthChange.DeleteUser(var name):
                _tokens.EndOf(name);
                break;
            case AuthChange.ChangePassword(var name, _):
                _tokens.EndOf(name);
                break;
        }
    }
}

/// <summary>What a caller brought to say who it is.</summary>
/// <param name="Token">Handed out by Authenticate; null for none.</param>
/// <param name="CertificateName">Common name of the certificate that the connection was made with; null for none.</param>
internal readonly record struct Credentials(string? Token, string? CertificateName);
