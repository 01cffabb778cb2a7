using System.Net.Sockets;
using Muster.Runtime;

namespace Muster.Network;

/// <summary>Accepts sockets at an address until disposed.</summary>
/// <remarks>
/// A Unix socket's file gets mode 0600 before anyone can connect. A file left by a dead process is replaced when nobody
/// answers at it; two processes that start at one path at the same instant must be kept apart by a lock of their own (the
/// data directory's), since both would find nobody.
/// </remarks>
internal sealed class SocketListener : IDisposable
{
    private readonly Socket _socket;
    private readonly UnixSocketPath? _path;

    private SocketListener(Socket socket, UnixSocketPath? path) => (_socket, _path) = (socket, path);

    /// <exception cref="TransportException">The address is malformed, in use or not ours.</exception>
    public static SocketListener Start(string address, int backlog, Action<Socket> accepted)
    {
        try
        {
            var listener = Bind(NetworkAddress.Parse(address));
            listener._socket.Listen(backlog);
            _ = Task.Run(() => listener.AcceptAsync(accepted));
            return listener;
        }
        catch (Exception refusal) when (refusal is SocketException or FormatException or IOException and not TransportException)
        {
            throw new TransportException(address, refusal.Message);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();   // removes the socket file too
        _path?.Dispose();
    }

    private static SocketListener Bind(NetworkAddress address)
    {
        var socket = address.NewSocket();
        UnixSocketPath? path = null;
        try
        {
            if (address is not NetworkAddress.Unix(var file))
            {
                socket.Bind(((NetworkAddress.Tcp)address).EndPoint);
                return new SocketListener(socket, null);
            }

            path = new UnixSocketPath(file);
            RemoveStale(file, path);
            socket.Bind(path.EndPoint);
            // Before listen(2), so that nobody ever connects through a wider mode.
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return new SocketListener(socket, path);
        }
        catch
        {
            socket.Dispose();
            path?.Dispose();
            throw;
        }
    }

    private static void RemoveStale(string file, UnixSocketPath path)
    {
        if (!File.Exists(file))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(path.EndPoint);
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            // Refused means a socket without a listener, or a file of another kind, which is not ours to remove.
            if (new FileInfo(file).Length > 0)
                throw new IOException("a file that is not a socket is in the way; move it");
            File.Delete(file);
            return;
        }

        throw new IOException("a living process answers there; stop it or choose another path");
    }

    private async Task AcceptAsync(Action<Socket> accepted)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _socket.AcceptAsync();
            }
            catch (Exception end) when (end is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException)
            {
                // The peer left before we took it, or we are out of descriptors: the next accept tells.
                await Task.Delay(TimeSpan.FromMilliseconds(20));
                continue;
            }

            accepted(socket);
        }
    }
}
