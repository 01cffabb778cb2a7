using System.Collections.Immutable;
using System.Text;

namespace Muster.Codecs.Http1;

/// <summary>Parses heads of HTTP/1.1 messages, strictly: what two parsers could read differently is refused.</summary>
/// <remarks>
/// Source: RFC 9110, RFC 9112. Refused although older texts allow it: bare LF, folded lines, white space before a colon,
/// Content-Length beside Transfer-Encoding or more than once, absolute-form targets. These are what request smuggling is made of.
/// </remarks>
public static class HttpHeadParser
{
    /// <summary>Parses a request's head at the start of the bytes.</summary>
    public static HttpParse<HttpRequestHead> ParseRequest(ReadOnlySpan<byte> bytes, Http1Limits limits) =>
        Parse(bytes, limits, static (lines, limits) => RequestHead(lines, limits));

    /// <summary>Parses a response's head at the start of the bytes.</summary>
    public static HttpParse<HttpResponseHead> ParseResponse(ReadOnlySpan<byte> bytes, Http1Limits limits) =>
        Parse(bytes, limits, static (lines, limits) => ResponseHead(lines, limits));

    private delegate (T? Head, HttpRefusal? Refusal) HeadOf<T>(ReadOnlySpan<byte> lines, Http1Limits limits);

    private static HttpParse<T> Parse<T>(ReadOnlySpan<byte> bytes, Http1Limits limits, HeadOf<T> headOf)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0 && bytes.Length < limits.HeadBytesMax)
            return new HttpParse<T>.Incomplete();
        if (end < 0 || end + 4 > limits.HeadBytesMax)
            return new HttpParse<T>.Refused(new(431, $"head over HeadBytesMax {limits.HeadBytesMax}: send fewer or shorter headers"));
        var (head, refusal) = headOf(bytes[..(end + 2)], limits);
        return refusal is null ? new HttpParse<T>.Complete(head!, end + 4) : new HttpParse<T>.Refused(refusal);
    }

    private static (HttpRequestHead?, HttpRefusal?) RequestHead(ReadOnlySpan<byte> lines, Http1Limits limits)
    {
        var line = TakeLine(ref lines);
        var space = line.IndexOf((byte)' ');
        var last = line.LastIndexOf((byte)' ');
        if (space <= 0 || last <= space || !IsToken(line[..space]))
            return (null, new(400, "request line is not METHOD TARGET HTTP/1.1"));
        if (Minor(line[(last + 1)..]) is not { } minor)
            return (null, new(505, "only HTTP/1.1 and HTTP/1.0 are spoken here"));
        var target = line[(space + 1)..last];
        if (target.Length > limits.TargetBytesMax)
            return (null, new(414, $"target over TargetBytesMax {limits.TargetBytesMax}"));
        if (target.IsEmpty || target[0] != '/' || target.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7E) >= 0)
            return (null, new(400, "target must be a path that begins with '/', percent-encoded"));
        if (!TakeHeaders(lines, limits, out var headers, out var refusal))
            return (null, refusal);
        if (minor == 1 && HttpHeaders.Count(headers, "Host") != 1)
            return (null, new(400, "exactly one Host header is required; any value will do"));
        if (!HttpFraming.OfRequest(headers, minor, out var body, out refusal))
            return (null, refusal);
        if (HttpHeaders.Find(headers, "Expect") is { } expect && !expect.Equals("100-continue", StringComparison.OrdinalIgnoreCase))
            return (null, new(417, "the only expectation met here is 100-continue"));
        return (new HttpRequestHead(
            Latin(line[..space]), Latin(target), minor, headers, body,
            KeepAlive: minor == 1 && !HttpHeaders.HasToken(headers, "Connection", "close"),
            ExpectsContinue: minor == 1 && body.Kind != HttpBodyKind.None && HttpHeaders.Find(headers, "Expect") is not null), null);
    }

    private static (HttpResponseHead?, HttpRefusal?) ResponseHead(ReadOnlySpan<byte> lines, Http1Limits limits)
    {
        var line = TakeLine(ref lines);
        if (line.Length < 12 || line[8] != ' ' || Minor(line[..8]) is not { } minor || (line.Length > 12 && line[12] != ' '))
            return (null, new(502, "status line is not HTTP/1.1 STATUS REASON"));
        var digits = line[9..12];
        if (digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0 || digits[0] is < (byte)'1' or > (byte)'5')
            return (null, new(502, "status is not a number from 100 to 599"));
        if (!TakeHeaders(lines, limits, out var headers, out var refusal))
            return (null, refusal);
        var status = ((digits[0] - '0') * 100) + ((digits[1] - '0') * 10) + (digits[2] - '0');
        return HttpFraming.OfResponse(headers, status, out var body, out refusal)
            ? (new HttpResponseHead(status, minor, headers, body), null)
            : (null, refusal);
    }

    private static bool TakeHeaders(
        ReadOnlySpan<byte> lines, Http1Limits limits, out ImmutableArray<HttpHeader> headers, out HttpRefusal? refusal)
    {
        var builder = ImmutableArray.CreateBuilder<HttpHeader>();
        headers = [];
        while (!lines.IsEmpty)
        {
            var line = TakeLine(ref lines);
            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || !IsToken(line[..colon]))
                return Refuse(400, "a header line is not 'name: value'; folded lines and spaces before ':' are not taken", out refusal);
            var value = line[(colon + 1)..].Trim(" \t"u8);
            if (!IsFieldValue(value))
                return Refuse(400, "a header value holds a control character", out refusal);
            if (builder.Count == limits.HeadersMax)
                return Refuse(431, $"more than HeadersMax {limits.HeadersMax} headers", out refusal);
            builder.Add(new HttpHeader(Latin(line[..colon]), Latin(value)));
        }

        headers = builder.ToImmutable();
        refusal = null;
        return true;
    }

    internal static bool Refuse(int status, string reason, out HttpRefusal refusal)
    {
        refusal = new HttpRefusal(status, reason);
        return false;
    }

    internal static bool IsToken(ReadOnlySpan<byte> name) => !name.IsEmpty && name.IndexOfAnyExcept(TokenBytes) < 0;

    internal static bool IsFieldValue(ReadOnlySpan<byte> value)
    {
        foreach (var b in value)
            if (b is < 0x20 and not (byte)'\t' or 0x7F)
                return false;
        return true;
    }

    private static System.Buffers.SearchValues<byte> TokenBytes { get; } = System.Buffers.SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    private static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> lines)
    {
        var end = lines.IndexOf("\r\n"u8);
        var line = lines[..end];
        lines = lines[(end + 2)..];
        return line;
    }

    private static int? Minor(ReadOnlySpan<byte> version) =>
        version.SequenceEqual("HTTP/1.1"u8) ? 1 : version.SequenceEqual("HTTP/1.0"u8) ? 0 : null;

    private static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
