using Muster.Primitives;

namespace Muster.Keyspace.Tests;

/// <summary>A scenario's words about users and roles: <c>user add ann pw</c>, <c>role grant r write a..c</c>, <c>auth on</c>.</summary>
internal static class AuthWords
{
    public static AuthChange Change(ScenarioWords words)
    {
        var (what, verb) = (words.Next(), words.Next());
        return (what, verb) switch
        {
            ("auth", "on") => new AuthChange.Enable(),
            ("auth", "off") => new AuthChange.Disable(),
            ("user", "add") => new AuthChange.AddUser(Name(words), words.Text()),
            ("user", "delete") => new AuthChange.DeleteUser(Name(words)),
            ("user", "password") => new AuthChange.ChangePassword(Name(words), words.Text()),
            ("user", "grant") => new AuthChange.GrantRole(Name(words), Name(words)),
            ("user", "revoke") => new AuthChange.RevokeRole(Name(words), Name(words)),
            ("role", "add") => new AuthChange.AddRole(Name(words)),
            ("role", "delete") => new AuthChange.DeleteRole(Name(words)),
            ("role", "grant") => new AuthChange.GrantPermission(Name(words), Permission(words)),
            ("role", "revoke") => new AuthChange.RevokePermission(Name(words), words.Keys()),
            _ => throw new InvalidOperationException($"Unknown scenario command '{what} {verb}'."),
        };
    }

    /// <summary><c>author NAME</c>, or <c>author ""</c> for a client without a name, or <c>author NAME@5</c> at an auth revision.</summary>
    public static Author? Author(ScenarioWords words, KeyspaceMachine machine)
    {
        if (!words.Has("author"))
            return null;
        var parts = Name(words).Split('@');
        return new(parts[0], parts.Length == 2 ? long.Parse(parts[1]) : machine.Auth.Revision);
    }

    public static IEnumerable<string> State(AuthState auth) =>
    [
        $"{(auth.Enabled ? "on" : "off")}, auth revision {auth.Revision}",
        .. auth.Users.Select(user => $"user {user.Name}{(user.Secret.IsEmpty ? " without password" : "")}:{string.Concat(user.Roles.Select(role => " " + role))}"),
        .. auth.Roles.Select(role => $"role {role.Name}:{string.Concat(role.Permissions.Select(Of))}"),
    ];

    private static string Of(Permission permission)
    {
        var end = permission.Keys.IsSingle ? "" : permission.Keys.IsOpen ? ".." : $"..{permission.Keys.End}";
        return $" {permission.Access} {(permission.Keys == KeyRange.All ? "*" : permission.Keys.Start + end)}";
    }

    private static Permission Permission(ScenarioWords words)
    {
        var access = words.Next() switch
        {
            "read" => Access.Read,
            "write" => Access.Write,
            "both" => Access.ReadWrite,
            _ => (Access)7,
        };
        return new(words.Keys(), access);
    }

    private static string Name(ScenarioWords words) => words.Text().ToString();
}
