using System.Runtime.CompilerServices;

namespace Muster.Serving.Tests;

/// <summary>python-etcd3's leases, locks and the usual leadership recipe do on Muster what they do on a real etcd.</summary>
public sealed class PythonTests(ITestOutputHelper output)
{
    [Fact]
    public void Python_etcd3_prints_the_same()
    {
        Peers.Require(Peers.Etcd, Peers.Etcdctl, Peers.Python, "/usr/lib/python3/dist-packages/etcd3/__init__.py");

        var expected = Printed(EtcdServer.Start());
        var actual = Printed(MusterServer.Start());

        Assert.EndsWith("end\n", expected, StringComparison.Ordinal);
        Assert.Equal(expected, actual);
        output.WriteLine($"count: {expected.Split('\n').Length - 1} lines of python-etcd3's recipes alike");
    }

    private static string Printed(IServer server)
    {
        using (server)
        {
            using var process = ChildProcess.Start(Peers.Python, [Path.Combine(Folder(), "recipes.py"), server.Endpoint]);
            var code = process.Wait(TimeSpan.FromSeconds(180));
            Assert.True(code == 0, process.Output + process.Errors);
            return process.Output;
        }
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
