using Muster.Codecs.Http1;

namespace Muster.Network.Http1;

/// <summary>Limits of an HTTP server.</summary>
public sealed record HttpServerLimits
{
    /// <summary>The defaults.</summary>
    public static HttpServerLimits Default { get; } = new();

    /// <summary>Limits of request heads: 400, 414, 431.</summary>
    public Http1Limits Head { get; init; } = Http1Limits.Default;

    /// <summary>Bytes of a request's body, unless its route takes a stream; default 16 MiB. More: 413.</summary>
    public long BodyBytesMax { get; init; } = 16 << 20;

    /// <summary>Connections at once; default 1,024. One more is answered 503 and closed.</summary>
    public int ConnectionsMax { get; init; } = 1024;

    /// <summary>From a head's first byte to its last; default 10 s. Longer: 408 and closed.</summary>
    public TimeSpan HeadWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between requests on one connection, and between reads of a body that is not a stream; default 2 min.
    /// Longer: closed.</summary>
    public TimeSpan IdleMax { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Until the kernel takes what is sent; default 30 s. Longer: the client does not read, closed.</summary>
    public TimeSpan SendWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Body bytes read and dropped after an answer, to keep the connection; default 64 KiB. More: closed.</summary>
    public int DrainBytesMax { get; init; } = 64 << 10;

    /// <summary>How long a connection that the server closes is still read, so that the client sees its answer; default 2 s.</summary>
    public TimeSpan LingerMax { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>The peer broke the connection or does not keep its side of the protocol.</summary>
public sealed class HttpPeerException(string detail) : IOException(detail);

/// <summary>A request is refused; the server answers with the status and <c>{"error": reason}</c>.</summary>
public sealed class HttpRefusedException(HttpRefusal refusal)
    : IOException($"{(refusal ?? throw new ArgumentNullException(nameof(refusal))).Status}: {refusal.Reason}")
{
    /// <summary>Refuses with a status and a reason that says what was wrong and what to do.</summary>
    public HttpRefusedException(int status, string reason) : this(new HttpRefusal(status, reason))
    {
    }

    /// <summary>Status and reason.</summary>
    public HttpRefusal Refusal { get; } = refusal;
}
