using System.Collections.Immutable;

namespace Muster.Codecs.Http1;

/// <summary>A header field: a token and a value without surrounding white space.</summary>
/// <param name="Name">As written; compared without regard to case.</param>
/// <param name="Value">Latin-1; no CR, LF or NUL.</param>
public readonly record struct HttpHeader(string Name, string Value);

/// <summary>How a message's body is delimited.</summary>
public enum HttpBodyKind
{
    /// <summary>There is no body.</summary>
    None,

    /// <summary>Content-Length bytes follow.</summary>
    Length,

    /// <summary>Chunks follow until the empty one.</summary>
    Chunked,

    /// <summary>Whatever comes until the connection closes; responses only.</summary>
    UntilClose,
}

/// <summary>How a message's body is delimited, and its length where that is known.</summary>
/// <param name="Kind">How.</param>
/// <param name="Length">Bytes, for <see cref="HttpBodyKind.Length"/>; otherwise 0.</param>
public readonly record struct HttpBodyFraming(HttpBodyKind Kind, long Length = 0);

/// <summary>What precedes a request's body.</summary>
/// <param name="Method">A token, case-sensitive.</param>
/// <param name="Target">Origin form: begins with '/', visible ASCII, not decoded.</param>
/// <param name="Minor">1 for HTTP/1.1, 0 for HTTP/1.0.</param>
/// <param name="Headers">In the order received.</param>
/// <param name="Body">How the body is delimited.</param>
/// <param name="KeepAlive">Whether the connection may serve another request afterwards.</param>
/// <param name="ExpectsContinue">Whether the client waits for "100 Continue" before it sends the body.</param>
public sealed record HttpRequestHead(
    string Method, string Target, int Minor, ImmutableArray<HttpHeader> Headers, HttpBodyFraming Body, bool KeepAlive,
    bool ExpectsContinue)
{
    /// <summary>A header's value, or null; names compare without regard to case.</summary>
    public string? Header(string name) => HttpHeaders.Find(Headers, name);
}

/// <summary>What precedes a response's body.</summary>
/// <param name="Status">100 to 599.</param>
/// <param name="Minor">1 for HTTP/1.1, 0 for HTTP/1.0.</param>
/// <param name="Headers">In the order received.</param>
/// <param name="Body">How the body is delimited, for a request that was not HEAD.</param>
public sealed record HttpResponseHead(int Status, int Minor, ImmutableArray<HttpHeader> Headers, HttpBodyFraming Body)
{
    /// <summary>A header's value, or null; names compare without regard to case.</summary>
    public string? Header(string name) => HttpHeaders.Find(Headers, name);
}

/// <summary>What a parser made of the bytes it was given.</summary>
public abstract record HttpParse<THead>
{
    private HttpParse() { }

    /// <summary>A whole head.</summary>
    /// <param name="Head">It.</param>
    /// <param name="Bytes">How many bytes it took; the body follows.</param>
    public sealed record Complete(THead Head, int Bytes) : HttpParse<THead>;

    /// <summary>More bytes are needed.</summary>
    public sealed record Incomplete : HttpParse<THead>;

    /// <summary>The bytes are no acceptable head; the connection cannot be used any more.</summary>
    /// <param name="Refusal">Why.</param>
    public sealed record Refused(HttpRefusal Refusal) : HttpParse<THead>;
}

/// <summary>Why a message is refused.</summary>
/// <param name="Status">The status to answer with.</param>
/// <param name="Reason">What was wrong and what to do, for a person.</param>
public sealed record HttpRefusal(int Status, string Reason);

/// <summary>Limits of message heads.</summary>
public sealed record Http1Limits
{
    /// <summary>The defaults.</summary>
    public static Http1Limits Default { get; } = new();

    /// <summary>Bytes of a head, its final empty line included; default 16 KiB. More: 431.</summary>
    public int HeadBytesMax { get; init; } = 16 << 10;

    /// <summary>Header fields; default 64. More: 431.</summary>
    public int HeadersMax { get; init; } = 64;

    /// <summary>Bytes of a request's target; default 4 KiB. More: 414.</summary>
    public int TargetBytesMax { get; init; } = 4 << 10;
}

/// <summary>Looking up header fields.</summary>
public static class HttpHeaders
{
    /// <summary>The first field of a name, without regard to case; null when there is none.</summary>
    public static string? Find(ImmutableArray<HttpHeader> headers, string name)
    {
        foreach (var header in headers)
            if (header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return header.Value;
        return null;
    }

    /// <summary>Whether a comma-separated field holds a token, without regard to case.</summary>
    public static bool HasToken(ImmutableArray<HttpHeader> headers, string name, string token)
    {
        foreach (var header in headers)
            if (header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                foreach (var part in header.Value.Split(','))
                    if (part.AsSpan().Trim().Equals(token, StringComparison.OrdinalIgnoreCase))
                        return true;
        return false;
    }

    internal static int Count(ImmutableArray<HttpHeader> headers, string name)
    {
        var count = 0;
        foreach (var header in headers)
            if (header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                count++;
        return count;
    }
}
