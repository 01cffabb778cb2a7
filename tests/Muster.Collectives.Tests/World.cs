using System.Net;
using System.Net.Sockets;
using Muster.Worker.Collectives;

namespace Muster.Collectives.Tests;

/// <summary>A whole group in this process: one thread and one <see cref="CollectiveGroup"/> per rank.</summary>
internal static class World
{
    public static readonly CollectiveTransport[] Transports =
        [CollectiveTransport.SharedMemory, CollectiveTransport.UnixSocket, CollectiveTransport.Tcp];

    public static ulong Seed { get; } = ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    public static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    public static CollectiveOptions Options(CollectiveTransport transport) => new()
    {
        Transport = transport, Timeout = TimeSpan.FromSeconds(30), MeetingTimeout = TimeSpan.FromSeconds(30),
    };

    public static CollectiveMembership Member(int rank, int worldSize, int port, long generation = 1) =>
        new(rank, worldSize, generation, "127.0.0.1", port, "test");

    /// <summary>Runs the body as every rank and returns what each threw, or null.</summary>
    public static Exception?[] Try(int worldSize, CollectiveOptions options, Action<CollectiveGroup> body, long generation = 1)
    {
        var port = FreePort();
        var errors = new Exception?[worldSize];
        var threads = Enumerable.Range(0, worldSize).Select(rank => new Thread(() =>
        {
            try
            {
                using var group = CollectiveGroup.Connect(Member(rank, worldSize, port, generation), options);
                body(group);
            }
            catch (Exception error)
            {
                errors[rank] = error;
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return errors;
    }

    public static void Run(int worldSize, CollectiveOptions options, Action<CollectiveGroup> body)
    {
        var errors = Try(worldSize, options, body);
        if ((errors.FirstOrDefault(error => error is not (null or CollectiveException)) ?? errors.FirstOrDefault(error => error != null)) is { } error)
            throw new InvalidOperationException($"a rank of {worldSize} over {options.Transport} failed: {error}", error);
    }
}
