namespace Muster.Peers;

/// <summary>Real programs may be missing on a developer's machine, never in CI.</summary>
internal static class Peer
{
    public static void Require(bool installed, string program)
    {
        if (installed)
            return;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail($"{program} is not installed: run eng/peers");
        Assert.Skip($"skip: {program} is not installed (eng/peers installs it)");
    }
}
