namespace Muster.Runtime;

/// <summary>Links between processes that carry whole frames: the seam between shells and the network.</summary>
/// <remarks>
/// Frames of one link arrive in order or not at all; a link may close at any time, and a frame handed to
/// <see cref="ILink.TrySend"/> may be lost with it. Protocols over links repeat facts until they are known.
/// </remarks>
public interface ITransport
{
    /// <summary>Accepts links at an address (<c>unix:PATH</c> or <c>tcp:HOST:PORT</c>) until disposed.</summary>
    /// <param name="address">Where.</param>
    /// <param name="accepted">Called for each link; it must call <see cref="ILink.Start"/>.</param>
    /// <exception cref="TransportException">The address is in use or not ours.</exception>
    IDisposable Listen(string address, Action<ILink> accepted);

    /// <summary>Opens a link. A refused or broken connection shows as the link's close.</summary>
    ILink Connect(string address);
}

/// <summary>One link; its callbacks only post to inboxes.</summary>
public interface ILink : IDisposable
{
    /// <summary>Starts delivery. Callbacks come one at a time, from any thread; <paramref name="closed"/> comes last, once.</summary>
    void Start(Action<ReadOnlyMemory<byte>> received, Action<string> closed);

    /// <summary>Queues a frame.</summary>
    /// <returns>False when the link is closed or its queue is full; then the link closes.</returns>
    bool TrySend(ReadOnlyMemory<byte> frame);
}

/// <summary>An address cannot be listened at.</summary>
public sealed class TransportException(string address, string detail) : IOException($"cannot listen at '{address}': {detail}")
{
    /// <summary>The address.</summary>
    public string Address { get; } = address;
}
