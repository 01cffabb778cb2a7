namespace Muster.Serving.Tests;

/// <summary>A server of etcd's protocol as a real process.</summary>
internal interface IServer : IDisposable
{
    /// <summary><c>127.0.0.1:PORT</c>.</summary>
    string Endpoint { get; }
}

/// <summary>A real etcd.</summary>
internal sealed class EtcdServer : IServer
{
    private readonly TemporaryDirectory _data = new();
    private readonly ChildProcess _process;

    private EtcdServer(string[] options)
    {
        var ports = FreePorts.Many(2);
        Endpoint = $"127.0.0.1:{ports[0]}";
        var peers = $"http://127.0.0.1:{ports[1]}";
        _process = ChildProcess.Start(
            Peers.Etcd,
            [
                "--name", "default", "--data-dir", _data.Path, "--listen-client-urls", "http://" + Endpoint, "--advertise-client-urls", "http://" + Endpoint,
                "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", "default=" + peers, .. options,
            ]);
    }

    public string Endpoint { get; }

    public static EtcdServer Start(params string[] options)
    {
        var server = new EtcdServer(options);
        Etcdctl.WaitUntilServed(server.Endpoint);
        return server;
    }

    public void Dispose()
    {
        _process.Dispose();
        _data.Dispose();
    }
}
