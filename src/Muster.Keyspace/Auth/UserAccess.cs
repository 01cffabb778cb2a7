using Muster.Primitives;

namespace Muster.Keyspace.Auth;

/// <summary>What the roles of one user permit together.</summary>
internal sealed record UserAccess(bool IsRoot, KeySet Read, KeySet Write)
{
    public static UserAccess Of(AuthUser user, Func<string, AuthRole?> role)
    {
        var permissions = user.Roles.Select(role).OfType<AuthRole>().SelectMany(held => held.Permissions).ToList();
        return new(
            user.Roles.Contains(AuthNames.Root),
            new(permissions.Where(held => held.Access != Access.Write).Select(held => held.Keys)),
            new(permissions.Where(held => held.Access != Access.Read).Select(held => held.Keys)));
    }
}
