namespace Muster.Keyspace;

/// <summary>Bounds of users and roles. Above each: <see cref="Primitives.StoreRefusal.AuthManagementInvalid"/>.</summary>
/// <remarks>A limit is part of what a command means, so these are not configured.</remarks>
internal sealed record AuthLimits
{
    public static AuthLimits Default { get; } = new();

    /// <summary>Users; default 10,000.</summary>
    public int UsersMax { get; init; } = 10_000;

    /// <summary>Roles; default 10,000.</summary>
    public int RolesMax { get; init; } = 10_000;

    /// <summary>Roles of one user; default 1,000.</summary>
    public int RolesOfUserMax { get; init; } = 1_000;

    /// <summary>Permissions of one role; default 10,000.</summary>
    public int PermissionsOfRoleMax { get; init; } = 10_000;

    /// <summary>Bytes of the keys in one role's permissions; default 4 MiB.</summary>
    public long RoleBytesMax { get; init; } = 4L << 20;

    /// <summary>Characters of a name; default 1,024.</summary>
    public int NameCharsMax { get; init; } = 1_024;

    /// <summary>Bytes of a password's digest with what belongs to it; default 1,024.</summary>
    public int SecretBytesMax { get; init; } = 1_024;
}
