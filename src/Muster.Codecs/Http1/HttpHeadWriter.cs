using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Muster.Codecs.Http1;

/// <summary>Writes heads of HTTP/1.1 messages in canonical form; what the parser takes, it gives back.</summary>
public static class HttpHeadWriter
{
    /// <summary>A request's head with exactly the headers given.</summary>
    /// <exception cref="ArgumentException">The method, target or a header could not be parsed back.</exception>
    public static byte[] Request(string method, string target, int minor, ImmutableArray<HttpHeader> headers)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        if (!IsToken(method) || target[0] != '/' || target.AsSpan().IndexOfAnyExceptInRange('\x21', '\x7E') >= 0)
            throw new ArgumentException($"'{method} {target}' is not a method and a percent-encoded path");
        return Finish(new StringBuilder($"{method} {target} HTTP/1.{minor}\r\n"), headers);
    }

    /// <summary>A response's head with exactly the headers given.</summary>
    /// <exception cref="ArgumentException">The status or a header could not be parsed back.</exception>
    public static byte[] Response(int status, int minor, ImmutableArray<HttpHeader> headers)
    {
        if (status is < 100 or > 599)
            throw new ArgumentException($"status {status} is not from 100 to 599");
        return Finish(new StringBuilder($"HTTP/1.{minor} {status.ToString(CultureInfo.InvariantCulture)} {Reason(status)}\r\n"), headers);
    }

    private static byte[] Finish(StringBuilder head, ImmutableArray<HttpHeader> headers)
    {
        foreach (var (name, value) in headers)
        {
            // A line break in a value would let its author write headers of their own.
            if (!IsToken(name) || !HttpHeadParser.IsFieldValue(Encoding.Latin1.GetBytes(value)) || value.AsSpan().Trim(" \t").Length != value.Length)
                throw new ArgumentException($"header '{name}' or its value cannot be sent");
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }

    private static bool IsToken(string text) => HttpHeadParser.IsToken(Encoding.Latin1.GetBytes(text));

    private static string Reason(int status) => status switch
    {
        100 => "Continue",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        411 => "Length Required",
        413 => "Content Too Large",
        414 => "URI Too Long",
        417 => "Expectation Failed",
        422 => "Unprocessable Content",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        507 => "Insufficient Storage",
        _ => "Status",
    };
}
