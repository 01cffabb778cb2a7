using System.Collections.Immutable;
using Muster.Keyspace.Auth;
using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>Who may do what: etcd's users, roles and permissions, part of the replicated state.</summary>
/// <remarks>
/// Pure. Passwords never come here, only their digests. Refusals are etcd's, in etcd's order, since a change that breaks two
/// rules is answered with the first.
/// </remarks>
public sealed class AuthState
{
    private readonly AuthLimits _limits = AuthLimits.Default;
    private readonly Dictionary<string, UserAccess> _access = new(StringComparer.Ordinal);     // derived; emptied by every change
    private ImmutableSortedDictionary<string, AuthUser> _users = ImmutableSortedDictionary.Create<string, AuthUser>(AuthNames.Order);
    private ImmutableSortedDictionary<string, AuthRole> _roles = ImmutableSortedDictionary.Create<string, AuthRole>(AuthNames.Order);

    internal AuthState(AuthImage image)
    {
        (Enabled, Revision) = (image.Enabled, image.Revision);
        _users = _users.AddRange(image.Users.Select(user => KeyValuePair.Create(user.Name, user)));
        _roles = _roles.AddRange(image.Roles.Select(role => KeyValuePair.Create(role.Name, role)));
    }

    /// <summary>Whether permissions count.</summary>
    public bool Enabled { get; private set; }

    /// <summary>1 at first, one more with each change of users, roles or permissions.</summary>
    public long Revision { get; private set; }

    /// <summary>All users, by name.</summary>
    public IEnumerable<AuthUser> Users => _users.Values;

    /// <summary>All roles, by name.</summary>
    public IEnumerable<AuthRole> Roles => _roles.Values;

    /// <summary>A user; null when there is none of that name.</summary>
    public AuthUser? User(string name) => _users.GetValueOrDefault(name);

    /// <summary>A role; null when there is none of that name.</summary>
    public AuthRole? Role(string name) => _roles.GetValueOrDefault(name);

    /// <summary>Why somebody may not read or write a range; null when they may.</summary>
    /// <param name="author">Who; null for the server itself, which may.</param>
    /// <param name="keys">Which keys.</param>
    /// <param name="access">Read or write.</param>
    public StoreRefusal? Check(Author? author, KeyRange keys, Access access)
    {
        if (author is null || !Enabled)
            return null;
        if (author.User.Length == 0)
            return StoreRefusal.UserNameMissing;
        if (author.AuthRevision < Revision)
            return StoreRefusal.AuthRevisionOld;
        if (Access(author.User) is not { } held)
            return StoreRefusal.PermissionDenied;
        return held.IsRoot || (access == Keyspace.Access.Read ? held.Read : held.Write).Covers(keys) ? null : StoreRefusal.PermissionDenied;
    }

    /// <summary>Why somebody may not administer; null when they may. Whoever is root when it is applied may: no revision is asked for.</summary>
    /// <param name="author">Who; null for the server itself, which may.</param>
    public StoreRefusal? CheckAdministrator(Author? author)
    {
        if (author is null || !Enabled)
            return null;
        if (author.User.Length == 0)
            return StoreRefusal.UserNameMissing;
        return Access(author.User) is { IsRoot: true } ? null : StoreRefusal.PermissionDenied;
    }

    /// <summary>Why somebody is nobody here; null when they are somebody.</summary>
    /// <param name="author">Who; null for the server itself.</param>
    public StoreRefusal? CheckAnybody(Author? author)
    {
        if (author is null || !Enabled)
            return null;
        if (author.User.Length == 0)
            return StoreRefusal.UserNameMissing;
        return User(author.User) is null ? StoreRefusal.PermissionDenied : null;
    }

    internal AuthImage Image() => new(Enabled, Revision, [.. _roles.Values], [.. _users.Values]);

    /// <summary>Does a change; a refused one changes nothing.</summary>
    internal StoreRefusal? Apply(AuthChange change)
    {
        var refusal = change switch
        {
            AuthChange.Enable => Enable(),
            AuthChange.Disable => Disable(),
            AuthChange.AddUser(var name, var secret) => AddUser(name, secret),
            AuthChange.DeleteUser(var name) => DeleteUser(name),
            AuthChange.ChangePassword(var name, var secret) => ChangePassword(name, secret),
            AuthChange.GrantRole(var user, var role) => GrantRole(user, role),
            AuthChange.RevokeRole(var user, var role) => RevokeRole(user, role),
            AuthChange.AddRole(var name) => AddRole(name),
            AuthChange.DeleteRole(var name) => DeleteRole(name),
            AuthChange.GrantPermission(var role, var permission) => GrantPermission(role, permission),
            AuthChange.RevokePermission(var role, var keys) => RevokePermission(role, keys),
            _ => throw new InvariantBrokenException("every kind of change is handled"),
        };
        if (refusal is null)
            _access.Clear();
        return refusal;
    }

    private UserAccess? Access(string name)
    {
        if (_access.TryGetValue(name, out var known))
            return known;
        if (User(name) is not { } user)
            return null;
        return _access[name] = UserAccess.Of(user, Role);
    }

    private StoreRefusal? Changed()
    {
        Revision++;
        return null;
    }

    private StoreRefusal? Enable()
    {
        if (Enabled)
            return null;
        if (User(AuthNames.Root) is not { } root)
            return StoreRefusal.RootUserMissing;
        if (!root.Roles.Contains(AuthNames.Root))
            return StoreRefusal.RootRoleMissing;
        Enabled = true;
        return null;
    }

    private StoreRefusal? Disable()
    {
        if (!Enabled)
            return null;
        Enabled = false;
        return Changed();
    }

    private StoreRefusal? AddUser(string name, ByteString secret)
    {
        if (name.Length == 0)
            return StoreRefusal.UserNameMissing;
        if (_users.ContainsKey(name))
            return StoreRefusal.UserExists;
        if (_users.Count >= _limits.UsersMax || !AuthNames.IsValid(name, _limits) || secret.Length > _limits.SecretBytesMax)
            return StoreRefusal.AuthManagementInvalid;
        _users = _users.Add(name, new(name, secret, []));
        return Changed();
    }

    private StoreRefusal? DeleteUser(string name)
    {
        if (Enabled && name == AuthNames.Root)
            return StoreRefusal.AuthManagementInvalid;
        if (!_users.ContainsKey(name))
            return StoreRefusal.UserNotFound;
        _users = _users.Remove(name);
        return Changed();
    }

    private StoreRefusal? ChangePassword(string name, ByteString secret)
    {
        if (User(name) is not { } user)
            return StoreRefusal.UserNotFound;
        if (secret.Length > _limits.SecretBytesMax)
            return StoreRefusal.AuthManagementInvalid;
        _users = _users.SetItem(name, user.Secret.IsEmpty ? user : user with { Secret = secret });
        return Changed();
    }

    private StoreRefusal? GrantRole(string name, string role)
    {
        if (User(name) is not { } user)
            return StoreRefusal.UserNotFound;
        if (role != AuthNames.Root && !_roles.ContainsKey(role))
            return StoreRefusal.RoleNotFound;
        if (user.Roles.Contains(role))
            return null;
        if (user.Roles.Length >= _limits.RolesOfUserMax)
            return StoreRefusal.AuthManagementInvalid;
        _users = _users.SetItem(name, user with { Roles = [.. user.Roles.Append(role).Order(AuthNames.Order)] });
        return Changed();
    }

    private StoreRefusal? RevokeRole(string name, string role)
    {
        if (Enabled && name == AuthNames.Root && role == AuthNames.Root)
            return StoreRefusal.AuthManagementInvalid;
        if (User(name) is not { } user)
            return StoreRefusal.UserNotFound;
        if (!user.Roles.Contains(role))
            return StoreRefusal.RoleNotGranted;
        _users = _users.SetItem(name, user with { Roles = user.Roles.Remove(role) });
        return Changed();
    }

    private StoreRefusal? AddRole(string name)
    {
        if (name.Length == 0)
            return StoreRefusal.RoleNameMissing;
        if (_roles.ContainsKey(name))
            return StoreRefusal.RoleExists;
        if (_roles.Count >= _limits.RolesMax || !AuthNames.IsValid(name, _limits))
            return StoreRefusal.AuthManagementInvalid;
        _roles = _roles.Add(name, new(name, []));
        return Changed();
    }

    private StoreRefusal? DeleteRole(string name)
    {
        if (Enabled && name == AuthNames.Root)
            return StoreRefusal.AuthManagementInvalid;
        if (!_roles.ContainsKey(name))
            return StoreRefusal.RoleNotFound;
        _roles = _roles.Remove(name);
        foreach (var holder in _users.Values.Where(user => user.Roles.Contains(name)).ToList())
            _users = _users.SetItem(holder.Name, holder with { Roles = holder.Roles.Remove(name) });
        return Changed();
    }

    private StoreRefusal? GrantPermission(string name, Permission permission)
    {
        if (!AuthRules.IsGrantable(permission))
            return StoreRefusal.AuthManagementInvalid;
        if (Role(name) is not { } role)
            return StoreRefusal.RoleNotFound;
        var all = role.Permissions.RemoveAll(held => held.Keys == permission.Keys).Add(permission);
        if (!AuthRules.Fit(all, _limits))
            return StoreRefusal.AuthManagementInvalid;
        _roles = _roles.SetItem(name, role with { Permissions = all.Sort((left, right) => AuthRules.Order(left.Keys, right.Keys)) });
        return Changed();
    }

    private StoreRefusal? RevokePermission(string name, KeyRange keys)
    {
        if (Role(name) is not { } role)
            return StoreRefusal.RoleNotFound;
        var others = role.Permissions.RemoveAll(held => held.Keys == keys);
        if (others.Length == role.Permissions.Length)
            return StoreRefusal.PermissionNotGranted;
        _roles = _roles.SetItem(name, role with { Permissions = others });
        return Changed();
    }
}
