using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Muster.Network.Http;

namespace Muster.Etcd.Tests.Servers;

/// <summary>A real etcd on ports of its own, ended by its id.</summary>
internal sealed class RealEtcd : IAsyncDisposable
{
    private const string Program = "/usr/bin/etcd";

    private readonly Process _process;

    private readonly string _log;

    private RealEtcd(Process process, Uri address, string log) => (_process, Address, _log) = (process, address, log);

    public Uri Address { get; }

    /// <summary>Skips the test, saying why, where etcd is missing; in CI that is a failure.</summary>
    public static void Require()
    {
        if (File.Exists(Program))
            return;
        Assert.NotEqual("true", Environment.GetEnvironmentVariable("CI"));
        Assert.Skip($"{Program} is missing: eng/peers installs it");
    }

    public static async Task<RealEtcd> StartAsync(string directory, params string[] options)
    {
        var ports = FreePorts();
        var (client, peer) = ($"http://127.0.0.1:{ports[0]}", $"http://127.0.0.1:{ports[1]}");
        var log = directory + ".log";
        var start = new ProcessStartInfo(Program,
        [
            "--data-dir", directory, "--name", "default", "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer, "--logger", "zap",
            "--log-outputs", log, .. options,
        ]);
        var etcd = new RealEtcd(Process.Start(start)!, new(client), log);
        using var channel = new GrpcChannel(etcd.Address);
        while (true)
        {
            try
            {
                await channel.UnaryAsync("/etcdserverpb.Maintenance/Status", default, new() { Timeout = TimeSpan.FromSeconds(5) });
                return etcd;
            }
            catch (GrpcException) when (!etcd._process.HasExited)
            {
                await Task.Delay(20);
            }
        }
    }

    /// <summary>What it said before it ended; nothing while it runs.</summary>
    public string LastWords() => _process.HasExited ? "\netcd has ended: " + string.Join('\n', File.ReadLines(_log).TakeLast(3)) : "";

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static int[] FreePorts()
    {
        TcpListener[] listeners = [new(IPAddress.Loopback, 0), new(IPAddress.Loopback, 0)];
        foreach (var listener in listeners)
            listener.Start();
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (var listener in listeners)
            listener.Dispose();
        return ports;
    }
}
