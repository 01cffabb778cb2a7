using Muster.Primitives;

namespace Muster.Keyspace.Tests.Auth;

public sealed class AuthProperties(ITestOutputHelper output)
{
    private const int Cases = 3_000;
    private const int ChangesPerCase = 40;

    private readonly SortedDictionary<string, int> _seen = new(StringComparer.Ordinal);

    [Fact]
    public void Every_change_and_every_check_is_the_naive_ones()
    {
        for (var i = 0; i < Cases; i++)
        {
            var seed = Seeds.First + (ulong)i;
            Seeds.Named(seed, () => RunCase(seed));
        }

        output.WriteLine("distribution: " + string.Join(", ", _seen.Select(pair => $"{pair.Key} {pair.Value}")));
        Assert.All(
            new[] { "permitted", "etcdserver: permission denied", "etcdserver: invalid auth management", "etcdserver: root user does not have root role" },
            fact => Assert.True(_seen.GetValueOrDefault(fact) > 100, $"{fact} was hardly reached"));
    }

    private void RunCase(ulong seed)
    {
        var random = new SeededRandom(seed);
        var programs = new AuthPrograms(random);
        var machine = new KeyspaceMachine(KeyspaceLimits.Default);
        var naive = new NaiveAuth();
        AuthChange[] begin = [new AuthChange.AddUser("root", default), new AuthChange.GrantRole("root", "root"), new AuthChange.Enable()];
        for (var step = 0; step < ChangesPerCase; step++)
        {
            var change = seed % 4 > 0 && step < begin.Length ? begin[step] : programs.Change();
            var expected = naive.Apply(change);
            var result = machine.Apply(new Command.ChangeAuth(change));
            Assert.Equal(expected, result is CommandResult.Refused(var refusal) ? StoreRefusals.Text(refusal) : null);
            Saw(expected ?? "changed");
            if (random.Chance(0.05))
                machine = KeyspaceMachine.Restore(machine.Image(), KeyspaceLimits.Default);
            CheckSome(random, programs, machine, naive);
        }

        Assert.Equal(naive.Facts(), Facts(machine.Auth));
    }

    private void CheckSome(SeededRandom random, AuthPrograms programs, KeyspaceMachine machine, NaiveAuth naive)
    {
        for (var i = 0; i < 4; i++)
        {
            var (user, keys, access) = (programs.User(), programs.Keys(), (Access)random.Next(2));
            if (keys.Start.IsEmpty)
                continue;       // refused before anybody asks who wants it
            var expected = naive.Check(user, keys, access);
            var found = machine.Auth.Check(new(user, machine.Auth.Revision), keys, access);
            Assert.Equal(expected, found is { } refusal ? StoreRefusals.Text(refusal) : null);
            Saw(naive.Enabled ? expected ?? "permitted" : "off");
        }
    }

    private void Saw(string fact) => _seen[fact] = _seen.GetValueOrDefault(fact) + 1;

    private static string Facts(AuthState auth) =>
        $"{auth.Enabled} {auth.Revision}; "
        + string.Join(", ", auth.Users.OrderBy(user => user.Name, StringComparer.Ordinal)
            .Select(user => $"{user.Name} {!user.Secret.IsEmpty} [{string.Join(' ', user.Roles)}]"))
        + "; " + string.Join(", ", auth.Roles.Select(role => role.Name + " " + string.Join(
            ' ', role.Permissions.Select(held => $"{held.Keys.Start}-{held.Keys.End}:{held.Access}"))));
}
