using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Muster.Network;

/// <summary>Where a socket is: <c>unix:PATH</c> or <c>tcp:ADDRESS:PORT</c> with a loopback address.</summary>
/// <remarks>TCP beyond this host is refused: links carry no authentication, and a Unix socket's file mode does.</remarks>
internal abstract record NetworkAddress
{
    private NetworkAddress() { }

    internal sealed record Unix(string Path) : NetworkAddress;

    internal sealed record Tcp(IPEndPoint EndPoint) : NetworkAddress;

    /// <exception cref="FormatException">The text is neither form, or names another host.</exception>
    public static NetworkAddress Parse(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.StartsWith("unix:", StringComparison.Ordinal) && address.Length > 5)
            return new Unix(Path.GetFullPath(address[5..]));
        if (!address.StartsWith("tcp:", StringComparison.Ordinal) || !IPEndPoint.TryParse(address[4..], out var endPoint))
            throw new FormatException($"address '{address}' is neither unix:PATH nor tcp:ADDRESS:PORT");
        if (!IPAddress.IsLoopback(endPoint.Address))
            throw new FormatException($"address '{address}' is not of this host: links carry no authentication; use 127.0.0.1");
        return new Tcp(endPoint);
    }

    public Socket NewSocket() => this is Unix
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : new Socket(((Tcp)this).EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
}

/// <summary>A Unix socket's path as the kernel takes it: at most 107 bytes, so a longer one goes through its directory.</summary>
/// <remarks>Dispose only when the socket is closed: the short path names the directory by a descriptor of ours.</remarks>
internal sealed class UnixSocketPath : IDisposable
{
    private const int PathBytesMax = 107;   // sizeof(sockaddr_un.sun_path) less the final zero
    private readonly int _directory = -1;

    public UnixSocketPath(string path)
    {
        if (Encoding.UTF8.GetByteCount(path) <= PathBytesMax)
        {
            EndPoint = new UnixDomainSocketEndPoint(path);
            return;
        }

        _directory = Libc.OpenDirectory(Path.GetDirectoryName(path)!);
        EndPoint = new UnixDomainSocketEndPoint($"/proc/self/fd/{_directory}/{Path.GetFileName(path)}");
    }

    public UnixDomainSocketEndPoint EndPoint { get; }

    public void Dispose()
    {
        if (_directory >= 0)
            _ = Libc.Close(_directory);
    }
}
