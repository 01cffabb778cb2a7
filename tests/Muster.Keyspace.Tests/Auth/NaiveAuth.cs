using Muster.Primitives;

namespace Muster.Keyspace.Tests.Auth;

/// <summary>Users and roles in the simplest way: lists, and a key is permitted when some permission names it.</summary>
/// <remarks>
/// Keys are words over few letters, at most <see cref="Depth"/> long, so that a range can be walked: every word, and behind it
/// the first key that is no word, which stands for all up to the next word.
/// </remarks>
internal sealed class NaiveAuth
{
    /// <summary>Longest key that the oracle walks.</summary>
    public const int Depth = 3;

    private static readonly IReadOnlyList<string> s_walk = [.. Words(Depth).SelectMany<string, string>(word => [word, word + "\0"])];

    private const string Letters = "ab";
    private readonly Dictionary<string, (bool HasPassword, HashSet<string> Roles)> _users = [];
    private readonly Dictionary<string, Dictionary<(string Start, string End), Access>> _roles = [];

    /// <summary>Every word.</summary>
    public static IReadOnlyList<string> Keys { get; } = [.. Words(Depth)];

    public bool Enabled { get; private set; }

    public long Revision { get; private set; } = 1;

    public string? Apply(AuthChange change)
    {
        var (refusal, changed) = change switch
        {
            AuthChange.Enable => Enable(),
            AuthChange.Disable => (null, Enabled),
            AuthChange.AddUser(var name, var secret) => name == "" ? ("etcdserver: user name is empty", false)
                : _users.TryAdd(name, (!secret.IsEmpty, [])) ? (null, true) : ("etcdserver: user name already exists", false),
            AuthChange.DeleteUser(var name) => Enabled && name == "root" ? ("etcdserver: invalid auth management", false)
                : _users.Remove(name) ? (null, true) : ("etcdserver: user name not found", false),
            AuthChange.ChangePassword(var name, _) => _users.ContainsKey(name) ? (null, true) : ("etcdserver: user name not found", false),
            AuthChange.GrantRole(var user, var role) => !_users.TryGetValue(user, out var found) ? ("etcdserver: user name not found", false)
                : role != "root" && !_roles.ContainsKey(role) ? ("etcdserver: role name not found", false) : (null, found.Roles.Add(role)),
            AuthChange.RevokeRole(var user, var role) => Enabled && user == "root" && role == "root" ? ("etcdserver: invalid auth management", false)
                : !_users.TryGetValue(user, out var found) ? ("etcdserver: user name not found", false)
                : found.Roles.Remove(role) ? (null, true) : ("etcdserver: role is not granted to the user", false),
            AuthChange.AddRole(var name) => name == "" ? ("etcdserver: role name is empty", false)
                : _roles.TryAdd(name, []) ? (null, true) : ("etcdserver: role name already exists", false),
            AuthChange.DeleteRole(var name) => DeleteRole(name),
            AuthChange.GrantPermission(var role, var permission) => Grant(role, permission),
            AuthChange.RevokePermission(var role, var keys) => !_roles.TryGetValue(role, out var held) ? ("etcdserver: role name not found", false)
                : held.Remove(Range(keys)) ? (null, true) : ("etcdserver: permission is not granted to the role", false),
            _ => throw new ArgumentOutOfRangeException(nameof(change)),
        };
        if (change is AuthChange.Disable)
            Enabled = false;
        if (changed)
            Revision++;
        return refusal;
    }

    public string? Check(string user, KeyRange keys, Access access)
    {
        if (!Enabled)
            return null;
        if (user == "")
            return "etcdserver: user name is empty";
        if (!_users.TryGetValue(user, out var found))
            return "etcdserver: permission denied";
        if (found.Roles.Contains("root"))
            return null;
        var wanted = s_walk.Where(key => Contains(Range(keys), key)).ToList();
        if (keys.IsEmpty)
            wanted = [keys.Start.ToString()];
        var permissions = found.Roles.SelectMany(role => _roles.GetValueOrDefault(role, [])).Where(held => held.Value == Access.ReadWrite || held.Value == access).ToList();
        // An open range goes on behind every key of the walk: it needs an open permission beside.
        var open = !keys.IsOpen || permissions.Any(held => held.Key.End == "\0");
        return open && wanted.All(key => permissions.Any(held => Contains(held.Key, key))) ? null : "etcdserver: permission denied";
    }

    public string Facts() =>
        $"{Enabled} {Revision}; "
        + string.Join(", ", _users.OrderBy(user => user.Key, StringComparer.Ordinal)
            .Select(user => $"{user.Key} {user.Value.HasPassword} [{string.Join(' ', user.Value.Roles.Order(StringComparer.Ordinal))}]"))
        + "; " + string.Join(", ", _roles.OrderBy(role => role.Key, StringComparer.Ordinal).Select(role => role.Key + " " + string.Join(
            ' ', role.Value.OrderBy(held => held.Key.Start, StringComparer.Ordinal).ThenBy(held => held.Key.End, StringComparer.Ordinal)
                .Select(held => $"{held.Key.Start}-{held.Key.End}:{held.Value}"))));

    private static bool Contains((string Start, string End) range, string key) => range.End == ""
        ? key == range.Start
        : string.CompareOrdinal(key, range.Start) >= 0 && (range.End == "\0" || string.CompareOrdinal(key, range.End) < 0);

    private static (string Start, string End) Range(KeyRange keys) => (keys.Start.ToString(), keys.End.ToString());

    private static IEnumerable<string> Words(int depth) => depth == 0
        ? [""]
        : Words(depth - 1).SelectMany(word => word.Length < depth - 1 ? [word] : Letters.Select(letter => word + letter).Prepend(word));

    private (string? Refusal, bool Changed) Enable()
    {
        if (Enabled)
            return (null, false);
        if (!_users.TryGetValue("root", out var root))
            return ("etcdserver: root user does not exist", false);
        if (!root.Roles.Contains("root"))
            return ("etcdserver: root user does not have root role", false);
        Enabled = true;
        return (null, false);
    }

    private (string? Refusal, bool Changed) DeleteRole(string name)
    {
        if (Enabled && name == "root")
            return ("etcdserver: invalid auth management", false);
        if (!_roles.Remove(name))
            return ("etcdserver: role name not found", false);
        foreach (var user in _users.Values)
            user.Roles.Remove(name);
        return (null, true);
    }

    private (string? Refusal, bool Changed) Grant(string role, Permission permission)
    {
        if (permission.Keys.Start.IsEmpty || permission.Keys.IsEmpty || permission.Access > Access.ReadWrite)
            return ("etcdserver: invalid auth management", false);
        if (!_roles.TryGetValue(role, out var held))
            return ("etcdserver: role name not found", false);
        held[Range(permission.Keys)] = permission.Access;
        return (null, true);
    }
}
