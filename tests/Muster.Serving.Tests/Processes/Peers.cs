namespace Muster.Serving.Tests;

/// <summary>Programs of others that the tests need. Where continuous integration runs, a missing one is a failure.</summary>
internal static class Peers
{
    public static string Etcd { get; } = "/usr/bin/etcd";

    public static string Etcdctl { get; } = "/usr/bin/etcdctl";

    public static string Python { get; } = "/usr/bin/python3";

    /// <summary>Skips the test, saying why, when a program is missing and this is a person's machine.</summary>
    public static void Require(params string[] programs)
    {
        foreach (var program in programs)
        {
            if (File.Exists(program))
                continue;
            Assert.True(Environment.GetEnvironmentVariable("CI") != "true", $"{program} is missing: eng/peers installs it");
            Assert.Skip($"{program} is missing: eng/peers installs it");
        }
    }
}
