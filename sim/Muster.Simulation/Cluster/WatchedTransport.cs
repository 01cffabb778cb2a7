using Muster.Runtime;

namespace Muster.Simulation.Cluster;

/// <summary>Shows each frame to an observer before it leaves: what is told must be durable by then.</summary>
internal sealed class WatchedTransport(ITransport transport, Action<ReadOnlyMemory<byte>> sending) : ITransport
{
    public IDisposable Listen(string address, Action<ILink> accepted) =>
        transport.Listen(address, link => accepted(new Watched(link, sending)));

    public ILink Connect(string address) => new Watched(transport.Connect(address), sending);

    private sealed class Watched(ILink link, Action<ReadOnlyMemory<byte>> sending) : ILink
    {
        public void Start(Action<ReadOnlyMemory<byte>> received, Action<string> closed) => link.Start(received, closed);

        public bool TrySend(ReadOnlyMemory<byte> frame)
        {
            sending(frame);
            return link.TrySend(frame);
        }

        public void Dispose() => link.Dispose();
    }
}
