namespace Muster.Peers;

/// <summary>A real etcd on loopback: one member, or several that are killed and started one by one.</summary>
internal sealed class EtcdPeer : IDisposable
{
    private const string Program = "/usr/bin/etcd";

    private readonly string _directory = Directory.CreateTempSubdirectory("muster-etcd-").FullName;
    private readonly int[] _clientPorts;
    private readonly int[] _peerPorts;
    private readonly PeerProcess?[] _members;

    private readonly string[] _more;

    private EtcdPeer(int members, string[] more)
    {
        _more = more;
        _clientPorts = [.. Enumerable.Range(0, members).Select(_ => PeerProcess.FreePort())];
        _peerPorts = [.. Enumerable.Range(0, members).Select(_ => PeerProcess.FreePort())];
        _members = new PeerProcess?[members];
    }

    public static bool IsInstalled => File.Exists(Program);

    public int Port => _clientPorts[0];

    public IReadOnlyList<int> Ports => _clientPorts;

    public string Endpoints => string.Join(',', _clientPorts.Select(port => $"127.0.0.1:{port}"));

    /// <param name="members">How many.</param>
    /// <param name="more">More arguments of each; with a certificate file, clients speak TLS.</param>
    public static EtcdPeer Start(int members = 1, params string[] more)
    {
        var peer = new EtcdPeer(members, more);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => peer.Dispose();
        // Together: a member answers only once there is a majority.
        Task.WaitAll([.. Enumerable.Range(0, members).Select(member => Task.Run(() => peer.Restart(member)))]);
        return peer;
    }

    /// <summary>Starts a member again on what it had stored.</summary>
    public void Restart(int member = 0)
    {
        Kill(member);
        var cluster = string.Join(',', _peerPorts.Select((port, i) => $"m{i}=http://127.0.0.1:{port}"));
        var scheme = _more.Contains("--cert-file") ? "https" : "http";
        _members[member] = PeerProcess.Start(
            Program,
            [
                "--name", $"m{member}", "--data-dir", Path.Combine(_directory, $"m{member}"), "--logger", "zap", "--log-level", "error",
                "--listen-client-urls", $"{scheme}://127.0.0.1:{_clientPorts[member]}", "--advertise-client-urls", $"{scheme}://127.0.0.1:{_clientPorts[member]}",
                "--listen-peer-urls", $"http://127.0.0.1:{_peerPorts[member]}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{_peerPorts[member]}",
                "--initial-cluster", cluster, "--initial-cluster-state", "new", "--initial-cluster-token", _directory,
                .. _more,
            ],
            _directory,
            _clientPorts[member]);
    }

    public void Kill(int member = 0) => _members[member]?.Kill();

    public void Dispose()
    {
        foreach (var member in _members)
            member?.Kill();
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }
}
