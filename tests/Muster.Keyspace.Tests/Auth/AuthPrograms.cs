using Muster.Primitives;

namespace Muster.Keyspace.Tests.Auth;

/// <summary>Random changes of few users and roles, so that they meet.</summary>
internal sealed class AuthPrograms(SeededRandom random)
{
    private static readonly string[] s_users = ["root", "ann", "bob", "é", "\U0001F600", "\uFF5E"];
    private static readonly string[] s_roles = ["root", "r", "s", "t"];

    public string User() => random.Chance(0.05) ? "" : random.Chance(0.1) ? "nobody" : random.Pick(s_users);

    public AuthChange Change() => random.Next(16) switch
    {
        0 => new AuthChange.Enable(),
        1 => random.Chance(0.3) ? new AuthChange.Disable() : new AuthChange.Enable(),
        2 or 3 => new AuthChange.AddUser(User(), random.Chance(0.2) ? default : ByteString.From("secret")),
        4 => random.Chance(0.4) ? new AuthChange.DeleteUser(User()) : new AuthChange.ChangePassword(User(), ByteString.From("other")),
        5 or 6 or 7 => new AuthChange.GrantRole(User(), random.Chance(0.3) ? "root" : Role()),
        8 => new AuthChange.RevokeRole(User(), Role()),
        9 or 10 => new AuthChange.AddRole(Role()),
        11 => random.Chance(0.4) ? new AuthChange.DeleteRole(Role()) : new AuthChange.AddRole(Role()),
        12 => new AuthChange.RevokePermission(Role(), Keys()),
        _ => new AuthChange.GrantPermission(Role(), new(Keys(), (Access)random.Next(random.Chance(0.05) ? 5 : 3))),
    };

    public KeyRange Keys()
    {
        var start = random.Chance(0.03) ? default : Key();
        return random.Next(6) switch
        {
            0 => KeyRange.All,
            1 => new(start, KeyRange.All.End),
            2 or 3 => KeyRange.Single(start),
            _ => new(start, Key()),
        };
    }

    private ByteString Key() => ByteString.From(random.Pick(NaiveAuth.Keys.Where(key => key.Length > 0).ToArray()));

    private string Role() => random.Chance(0.03) ? "" : random.Pick(s_roles);
}
