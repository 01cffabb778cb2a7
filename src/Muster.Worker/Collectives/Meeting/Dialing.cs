using System.Net;
using System.Net.Sockets;

namespace Muster.Worker.Collectives;

/// <summary>Connecting with a time limit.</summary>
internal static class Dialing
{
    /// <summary>One attempt.</summary>
    /// <remarks>trouble: Why there is no connection, when null is returned.</remarks>
    public static Socket? Try(EndPoint where, TimeSpan limit, out string trouble)
    {
        var socket = new Socket(where.AddressFamily, SocketType.Stream,
            where.AddressFamily == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        using var cancel = new CancellationTokenSource(limit);
        try
        {
            // Off any captured context: the caller's thread blocks until this is done.
            Task.Run(() => socket.ConnectAsync(where, cancel.Token).AsTask()).GetAwaiter().GetResult();
            trouble = "";
            return socket;
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            trouble = error is SocketException failed ? failed.SocketErrorCode.ToString() : $"no answer within {limit.TotalSeconds:0.#} s";
            socket.Dispose();
            return null;
        }
    }

    /// <summary>The addresses of a host; empty when its name is not (yet) known.</summary>
    public static IPAddress[] Resolve(string host)
    {
        if (IPAddress.TryParse(host, out var address))
            return [address];
        try
        {
            return Dns.GetHostAddresses(host);
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
