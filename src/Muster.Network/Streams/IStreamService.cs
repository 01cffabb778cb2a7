using System.Buffers;

namespace Muster.Network.Streams;

/// <summary>What bytes on the connections of a <see cref="StreamServer"/> mean. Every call comes on the server's one thread.</summary>
public interface IStreamService
{
    /// <summary>Someone has connected.</summary>
    /// <param name="connection">Never used again by the same server.</param>
    void Opened(long connection);

    /// <summary>Bytes have arrived.</summary>
    /// <param name="connection">On which.</param>
    /// <param name="arrived">Everything not consumed so far.</param>
    /// <param name="server">Where answers go, to this connection and to others.</param>
    /// <returns>How many bytes were consumed, and how many must have arrived in all before it is worth calling again.</returns>
    /// <exception cref="Codecs.CodecException">The connection is to be closed.</exception>
    (int Consumed, int Wanted) Received(long connection, ReadOnlySpan<byte> arrived, IStreamOutput server);

    /// <summary>The connection has ended; nothing more can be sent to it.</summary>
    void Closed(long connection, string reason);
}

/// <summary>Where a service writes.</summary>
public interface IStreamOutput
{
    /// <summary>Where the next bytes for a connection go; they are sent when the service returns. Bytes for one that has ended are lost.</summary>
    IBufferWriter<byte> To(long connection);
}
