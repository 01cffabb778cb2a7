using System.Net;
using Muster.Codecs;
using Muster.Codecs.TcpStore;
using Muster.Network.Streams;
using Muster.Runtime;

namespace Muster.Coordination.TcpStore;

/// <summary>One TCPStore on a port, held in memory: what PyTorch's ranks and agents connect to instead of a server on rank 0's host.</summary>
/// <remarks>Nothing in this protocol says who speaks: bind it to the training network. The port is the namespace.</remarks>
public sealed class TcpStoreServer : IDisposable
{
    private readonly StreamServer _server;

    /// <summary>Begins to serve an empty store.</summary>
    /// <param name="endPoint">Where; port 0 takes a free one. <see cref="IPAddress.IPv6Any"/> serves IPv4 too.</param>
    /// <param name="limits">Of requests; null: PyTorch's own.</param>
    /// <param name="bytesMax">Keys and values together.</param>
    /// <exception cref="TransportException">The address is in use or not ours.</exception>
    public TcpStoreServer(IPEndPoint endPoint, TcpStoreLimits? limits = null, long bytesMax = TcpStoreNamespace.BytesMaxDefault) =>
        _server = new StreamServer(endPoint, new Service(limits ?? new TcpStoreLimits(), new TcpStoreNamespace(bytesMax)));

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _server.EndPoint;

    /// <summary>Closes every connection. Clients take that for the end of the job's attempt: they never reconnect.</summary>
    public void Dispose() => _server.Dispose();

    private sealed class Service(TcpStoreLimits limits, TcpStoreNamespace store) : IStreamService
    {
        private readonly Dictionary<long, TcpStoreParser> _parsers = [];

        public void Opened(long connection) => _parsers[connection] = new TcpStoreParser(limits);

        public void Closed(long connection, string reason)
        {
            _parsers.Remove(connection);
            store.Closed(connection);
        }

        public (int Consumed, int Wanted) Received(long connection, ReadOnlySpan<byte> arrived, IStreamOutput server)
        {
            var parser = _parsers[connection];
            var consumed = 0;
            while (true)
            {
                if (parser.Read(arrived[consumed..], out var length) is not { } request)
                    return (consumed, length);
                consumed += length;
                try
                {
                    store.Handle(connection, request);
                }
                finally
                {
                    foreach (var (to, reply) in store.Replies)
                        reply.WriteTo(server.To(to));
                    store.Drained();
                }
            }
        }
    }
}
