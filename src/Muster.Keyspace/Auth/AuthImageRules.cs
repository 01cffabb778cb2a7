using System.Collections.Immutable;

namespace Muster.Keyspace.Auth;

/// <summary>What every image of users and roles satisfies.</summary>
internal static class AuthImageRules
{
    public static string? Flaw(AuthImage image, AuthLimits limits)
    {
        if (image.Revision < 1)
            return $"the auth revision {image.Revision} is below 1";
        if (image.Revision == 1 && !image.IsNone)
            return "users or roles exist, and the auth revision tells of no change";
        if (image.Roles.Length > limits.RolesMax || image.Users.Length > limits.UsersMax)
            return $"there are {image.Roles.Length} roles and {image.Users.Length} users, more than allowed";
        return Names(image.Roles, role => role.Name, "role", limits) ?? Names(image.Users, user => user.Name, "user", limits)
            ?? image.Roles.Select(role => Flaw(role, limits)).FirstOrDefault(flaw => flaw is not null)
            ?? Users(image, limits);
    }

    private static string? Names<T>(ImmutableArray<T> named, Func<T, string> name, string what, AuthLimits limits)
    {
        for (var i = 0; i < named.Length; i++)
        {
            var text = name(named[i]);
            if (text.Length == 0 || !AuthNames.IsValid(text, limits) || i > 0 && AuthNames.Order.Compare(name(named[i - 1]), text) >= 0)
                return $"{what} '{text}' has no valid name, or is out of order";
        }

        return null;
    }

    private static string? Flaw(AuthRole role, AuthLimits limits)
    {
        if (!AuthRules.Fit(role.Permissions, limits))
            return $"role '{role.Name}' has more permissions than allowed, or longer ones";
        for (var i = 0; i < role.Permissions.Length; i++)
        {
            var permission = role.Permissions[i];
            if (!AuthRules.IsGrantable(permission) || i > 0 && AuthRules.Order(role.Permissions[i - 1].Keys, permission.Keys) >= 0)
                return $"a permission of role '{role.Name}' is for no range of keys, or out of order";
        }

        return null;
    }

    private static string? Users(AuthImage image, AuthLimits limits)
    {
        var roles = image.Roles.Select(role => role.Name).Append(AuthNames.Root).ToHashSet(StringComparer.Ordinal);
        foreach (var user in image.Users)
        {
            if (user.Secret.Length > limits.SecretBytesMax || user.Roles.Length > limits.RolesOfUserMax)
                return $"user '{user.Name}' has a larger secret or more roles than allowed";
            for (var i = 0; i < user.Roles.Length; i++)
            {
                if (!roles.Contains(user.Roles[i]) || i > 0 && AuthNames.Order.Compare(user.Roles[i - 1], user.Roles[i]) >= 0)
                    return $"role '{user.Roles[i]}' of user '{user.Name}' does not exist, or is out of order";
            }
        }

        return image.Enabled && !image.Users.Any(user => user.Name == AuthNames.Root && user.Roles.Contains(AuthNames.Root))
            ? "authentication is on, and root is no user with the role root"
            : null;
    }
}
