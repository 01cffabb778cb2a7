using System.Net;
using System.Net.Sockets;
using Muster.Runtime;

namespace Muster.Network;

/// <summary>Links to ZooKeeper servers, on any host: each frame is its length, four bytes big-endian, and its bytes.</summary>
/// <remarks>May be used from any thread; callbacks come from the thread pool, one at a time for each link.</remarks>
public sealed class ZooKeeperLinks(LinkLimits? limits = null)
{
    /// <summary>Most bytes in a frame that are read or sent; what ZooKeeper's jute.maxbuffer allows by default, with room for lists.</summary>
    public const int FrameBytesMaxDefault = 4 << 20;

    private readonly LinkLimits _limits = limits ?? new LinkLimits { FrameBytesMax = FrameBytesMaxDefault };

    /// <summary>Opens a link. A name that is not known, or a refused or broken connection, shows as the link's close.</summary>
    /// <param name="host">A host's name or address.</param>
    /// <param name="port">Its port.</param>
    public ILink Connect(string host, int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        return new SocketLink(socket, Task.Run(() => ConnectAsync(socket, host, port)), _limits, LengthOrder.BigEndian);
    }

    private static async Task ConnectAsync(Socket socket, string host, int port)
    {
        if (IPAddress.TryParse(host, out var address))
            await socket.ConnectAsync(new IPEndPoint(address, port));
        else
            await socket.ConnectAsync(host, port);
    }
}
