using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>What a permission lets its holder do; numbered as in etcd's protocol.</summary>
public enum Access
{
    /// <summary>Read and watch.</summary>
    Read = 0,

    /// <summary>Put and delete.</summary>
    Write = 1,

    /// <summary>Both.</summary>
    ReadWrite = 2,
}

/// <summary>Leave to do something with some keys.</summary>
/// <param name="Keys">Which; not empty. It identifies the permission in its role.</param>
/// <param name="Access">What.</param>
public readonly record struct Permission(KeyRange Keys, Access Access);

/// <summary>Permissions under a name.</summary>
/// <param name="Name">Unique; not empty.</param>
/// <param name="Permissions">In the order of their keys; each range once.</param>
public sealed record AuthRole(string Name, ImmutableArray<Permission> Permissions);

/// <summary>Somebody who may do what their roles permit.</summary>
/// <param name="Name">Unique; not empty.</param>
/// <param name="Secret">The password's slow digest, made and checked outside; empty for a user without a password.</param>
/// <param name="Roles">Names of roles, in order. <see cref="AuthNames.Root"/> need not exist to be held.</param>
public sealed record AuthUser(string Name, ByteString Secret, ImmutableArray<string> Roles);

/// <summary>A change of users, roles or permissions, or of whether they count.</summary>
public abstract record AuthChange
{
    private AuthChange()
    {
    }

    /// <summary>From now on permissions count. Needs a user root with the role root.</summary>
    public sealed record Enable : AuthChange;

    /// <summary>From now on everybody may do everything.</summary>
    public sealed record Disable : AuthChange;

    /// <summary>A new user.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Secret">The password's digest; empty: the user has no password and cannot authenticate with one.</param>
    public sealed record AddUser(string Name, ByteString Secret) : AuthChange;

    /// <summary>A user goes.</summary>
    /// <param name="Name">Which.</param>
    public sealed record DeleteUser(string Name) : AuthChange;

    /// <summary>A user's new password; one without a password stays so.</summary>
    /// <param name="Name">Which.</param>
    /// <param name="Secret">The password's digest.</param>
    public sealed record ChangePassword(string Name, ByteString Secret) : AuthChange;

    /// <summary>A user gets a role; nothing when it has it.</summary>
    /// <param name="User">Who.</param>
    /// <param name="Role">Which.</param>
    public sealed record GrantRole(string User, string Role) : AuthChange;

    /// <summary>A user loses a role.</summary>
    /// <param name="User">Who.</param>
    /// <param name="Role">Which.</param>
    public sealed record RevokeRole(string User, string Role) : AuthChange;

    /// <summary>A new role, without permissions.</summary>
    /// <param name="Name">Its name.</param>
    public sealed record AddRole(string Name) : AuthChange;

    /// <summary>A role goes, also from those who hold it.</summary>
    /// <param name="Name">Which.</param>
    public sealed record DeleteRole(string Name) : AuthChange;

    /// <summary>A role gets a permission, in place of one for the same range.</summary>
    /// <param name="Role">Which role.</param>
    /// <param name="Permission">What.</param>
    public sealed record GrantPermission(string Role, Permission Permission) : AuthChange;

    /// <summary>A role loses its permission for a range.</summary>
    /// <param name="Role">Which role.</param>
    /// <param name="Keys">Exactly the range that was granted.</param>
    public sealed record RevokePermission(string Role, KeyRange Keys) : AuthChange;
}
