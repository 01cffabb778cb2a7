using System.Collections.Immutable;
using System.Globalization;

namespace Muster.Codecs.Http1;

/// <summary>Finds how a body is delimited; whatever is ambiguous is refused. Source: RFC 9112, section 6.</summary>
internal static class HttpFraming
{
    private const int LengthDigitsMax = 18;   // below 2^63

    public static bool OfRequest(ImmutableArray<HttpHeader> headers, int minor, out HttpBodyFraming framing, out HttpRefusal? refusal)
    {
        framing = default;
        if (!Read(headers, 400, out var chunked, out var length, out refusal))
            return false;
        if (chunked && minor == 0)
            return HttpHeadParser.Refuse(400, "HTTP/1.0 has no Transfer-Encoding", out refusal);
        framing = chunked ? new(HttpBodyKind.Chunked) : length is > 0 ? new(HttpBodyKind.Length, length.Value) : default;
        return true;
    }

    public static bool OfResponse(ImmutableArray<HttpHeader> headers, int status, out HttpBodyFraming framing, out HttpRefusal? refusal)
    {
        framing = default;
        if (!Read(headers, 502, out var chunked, out var length, out refusal))
            return false;
        if (status is < 200 or 204 or 304)
            return true;
        framing = chunked ? new(HttpBodyKind.Chunked)
            : length is null ? new(HttpBodyKind.UntilClose)
            : length == 0 ? default
            : new(HttpBodyKind.Length, length.Value);
        return true;
    }

    private static bool Read(
        ImmutableArray<HttpHeader> headers, int status, out bool chunked, out long? length, out HttpRefusal? refusal)
    {
        (chunked, length, refusal) = (false, null, null);
        var lengths = HttpHeaders.Count(headers, "Content-Length");
        var encodings = HttpHeaders.Count(headers, "Transfer-Encoding");
        if (lengths > 1 || encodings > 1 || (lengths > 0 && encodings > 0))
            return HttpHeadParser.Refuse(status, "the body's length is given twice; send one Content-Length or one Transfer-Encoding", out refusal);
        if (encodings == 1)
        {
            chunked = HttpHeaders.Find(headers, "Transfer-Encoding")!.Equals("chunked", StringComparison.OrdinalIgnoreCase);
            return chunked || HttpHeadParser.Refuse(status == 400 ? 501 : status, "the only transfer encoding taken is chunked", out refusal);
        }

        if (lengths == 0)
            return true;
        var text = HttpHeaders.Find(headers, "Content-Length")!;
        if (text.Length is 0 or > LengthDigitsMax || text.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0)
            return HttpHeadParser.Refuse(status, "Content-Length is not a number of at most 18 digits", out refusal);
        length = long.Parse(text, CultureInfo.InvariantCulture);
        return true;
    }
}
