using System.Net.Sockets;
using Muster.Runtime;

namespace Muster.Network;

/// <summary>Links over Unix sockets and loopback TCP: each frame is its length, four bytes little-endian, and its bytes.</summary>
/// <remarks>May be used from any thread; callbacks come from the thread pool, one at a time for each link.</remarks>
public sealed class SocketTransport(LinkLimits? limits = null) : ITransport
{
    private readonly LinkLimits _limits = limits ?? LinkLimits.Default;

    /// <inheritdoc/>
    public IDisposable Listen(string address, Action<ILink> accepted)
    {
        ArgumentNullException.ThrowIfNull(accepted);
        return SocketListener.Start(address, _limits.Backlog, socket =>
        {
            if (socket.ProtocolType == ProtocolType.Tcp)
                socket.NoDelay = true;
            accepted(new SocketLink(socket, Task.CompletedTask, _limits));
        });
    }

    /// <inheritdoc/>
    /// <exception cref="FormatException">The address is neither <c>unix:PATH</c> nor <c>tcp:LOOPBACK:PORT</c>.</exception>
    public ILink Connect(string address)
    {
        var target = NetworkAddress.Parse(address);
        var socket = target.NewSocket();
        return new SocketLink(socket, Task.Run(() => SocketConnect.ConnectAsync(socket, target)), _limits);
    }
}

/// <summary>Connecting a socket to an address.</summary>
internal static class SocketConnect
{
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static async Task ConnectAsync(Socket socket, NetworkAddress target)
    {
        if (target is NetworkAddress.Tcp(var endPoint))
        {
            await socket.ConnectAsync(endPoint);
            return;
        }

        using var path = new UnixSocketPath(((NetworkAddress.Unix)target).Path);
        await socket.ConnectAsync(path.EndPoint);
    }
}
