using System.Runtime.CompilerServices;

namespace Muster.Serving.Tests;

/// <summary>Every script of Scripts/*.txt reads the same on a real etcd and on Muster.</summary>
public sealed class EtcdctlTests(ITestOutputHelper output)
{
    public static TheoryData<string> All() =>
        [.. Directory.GetFiles(Folder(), "*.txt").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(All))]
    public void Etcdctl_prints_the_same(string script)
    {
        Peers.Require(Peers.Etcd, Peers.Etcdctl);
        var lines = File.ReadAllLines(Path.Combine(Folder(), script));
        var options = lines.Where(line => line.StartsWith("#! ", StringComparison.Ordinal)).SelectMany(line => Words.Split(line[3..])).ToArray();

        var expected = Transcript(EtcdServer.Start(options), lines);
        var actual = Transcript(Environment.GetEnvironmentVariable("MUSTER_SELF") == "1" ? EtcdServer.Start(options) : MusterServer.Start(options), lines);

        if (Environment.GetEnvironmentVariable("MUSTER_SHOW") == "1")
            output.WriteLine(expected);
        Assert.Equal(expected, actual);
        output.WriteLine($"count: {lines.Count(line => line.Length > 0 && line[0] != '#')} etcdctl commands in {script} alike");
    }

    private static string Transcript(IServer server, string[] lines)
    {
        using (server)
        {
            using var script = new Script(server.Endpoint);
            return script.Run(lines);
        }
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../Scripts");
}
