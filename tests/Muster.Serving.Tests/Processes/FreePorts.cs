using System.Net;
using System.Net.Sockets;

namespace Muster.Serving.Tests;

/// <summary>Ports on which nothing listens now.</summary>
internal static class FreePorts
{
    public static int One() => Many(1)[0];

    public static int[] Many(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var listener in listeners)
            listener.Start();
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (var listener in listeners)
            listener.Dispose();
        return ports;
    }
}
