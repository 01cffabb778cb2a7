namespace Muster.Keyspace;

/// <summary>On whose behalf a client's command is done; checked when the command is applied, not when it was sent.</summary>
/// <param name="User">The user's name; empty for a client that named none.</param>
/// <param name="AuthRevision">
/// <see cref="AuthState.Revision"/> when the client's token was checked. A command that was on the way while users or roles
/// changed is refused with <see cref="Primitives.StoreRefusal.AuthRevisionOld"/>, and can be sent again.
/// </param>
public sealed record Author(string User, long AuthRevision)
{
    /// <summary>A client that named no user: it may do everything while authentication is off, and nothing while it is on.</summary>
    public static Author Anonymous { get; } = new("", 0);
}
