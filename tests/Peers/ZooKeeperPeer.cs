namespace Muster.Peers;

/// <summary>A real ZooKeeper on loopback, with its own data directory.</summary>
internal sealed class ZooKeeperPeer : IDisposable
{
    private const string Jar = "/usr/share/java/zookeeper.jar";

    private readonly string _directory = Directory.CreateTempSubdirectory("muster-zookeeper-").FullName;
    private PeerProcess? _process;

    private ZooKeeperPeer(int port) => Port = port;

    public static bool IsInstalled => File.Exists(Jar) && File.Exists("/usr/bin/java");

    public int Port { get; }

    /// <summary>Starts one. Sessions are granted between 400 ms and 60 s.</summary>
    public static ZooKeeperPeer Start()
    {
        var peer = new ZooKeeperPeer(PeerProcess.FreePort());
        File.WriteAllText(Path.Combine(peer._directory, "zoo.cfg"), $"""
            tickTime=200
            dataDir={peer._directory}/data
            clientPort={peer.Port}
            clientPortAddress=127.0.0.1
            admin.enableServer=false
            maxClientCnxns=0
            maxSessionTimeout=60000
            """);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => peer.Dispose();
        peer.Restart();
        return peer;
    }

    /// <summary>Kills it, if it runs, and starts it again on what it had stored.</summary>
    public void Restart()
    {
        Kill();
        _process = PeerProcess.Start(
            "/usr/bin/java",
            ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", $"/etc/zookeeper/conf:{Jar}",
                "org.apache.zookeeper.server.ZooKeeperServerMain", "zoo.cfg"],
            _directory,
            Port);
    }

    public void Kill() => _process?.Kill();

    public void Dispose()
    {
        Kill();
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }
}
