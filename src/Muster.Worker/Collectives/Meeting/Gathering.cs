using System.Net;

namespace Muster.Worker.Collectives;

/// <summary>What a rank takes home from the meeting.</summary>
/// <remarks>Links: The meeting's connections: rank 0 has one to every rank, the others one to rank 0.
/// Region: The shared memory, when the transport is shared memory.
/// Next: Where the next rank listens, when the transport is a ring.</remarks>
internal sealed record Gathering(
    ControlLink[] Links, CollectiveTransport Transport, byte[] Nonce, int ChunkBytes, int SmallBytesMax,
    SharedRegion? Region, EndPoint Next, RingDoor Door);
