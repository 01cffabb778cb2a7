using System.Collections.Immutable;
using Muster.Keyspace.Auth;

namespace Muster.Keyspace;

/// <summary>Users, roles and permissions at one moment, immutable.</summary>
/// <param name="Enabled">Whether they count.</param>
/// <param name="Revision">How often they changed, plus 1.</param>
/// <param name="Roles">In the order of names.</param>
/// <param name="Users">In the order of names.</param>
public sealed record AuthImage(bool Enabled, long Revision, ImmutableArray<AuthRole> Roles, ImmutableArray<AuthUser> Users)
{
    /// <summary>Nobody, and switched off: how every keyspace begins.</summary>
    public static AuthImage None { get; } = new(false, 1, [], []);

    /// <summary>Whether this is how every keyspace begins.</summary>
    public bool IsNone => !Enabled && Revision == 1 && Roles.IsEmpty && Users.IsEmpty;

    /// <summary>What makes this the image of no state, or null.</summary>
    internal string? Flaw() => AuthImageRules.Flaw(this, AuthLimits.Default);
}
