using Muster.Primitives;

namespace Muster.Keyspace.Auth;

/// <summary>What can be granted at all.</summary>
internal static class AuthRules
{
    /// <summary>Permissions of a role are kept in this order.</summary>
    public static int Order(KeyRange left, KeyRange right)
    {
        var order = left.Start.CompareTo(right.Start);
        return order != 0 ? order : left.End.CompareTo(right.End);
    }

    /// <summary>Whether one role may hold so many.</summary>
    public static bool Fit(IReadOnlyCollection<Permission> permissions, AuthLimits limits) =>
        permissions.Count <= limits.PermissionsOfRoleMax
        && permissions.Sum(held => (long)held.Keys.Start.Length + held.Keys.End.Length) <= limits.RoleBytesMax;

    /// <summary>Whether a permission covers a key at all, and says what it permits.</summary>
    public static bool IsGrantable(Permission permission) =>
        permission.Access is >= Access.Read and <= Access.ReadWrite && !permission.Keys.Start.IsEmpty && !permission.Keys.IsEmpty;
}
