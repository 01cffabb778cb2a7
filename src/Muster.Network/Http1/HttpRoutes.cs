using System.Collections.Immutable;

namespace Muster.Network.Http1;

/// <summary>What a route expects of a request's body.</summary>
public enum HttpBody
{
    /// <summary>None, or one within the server's limit.</summary>
    Optional,

    /// <summary>One with a stated length or in chunks, within the server's limit; without: 411.</summary>
    Required,

    /// <summary>A stream without limit of length or time.</summary>
    Stream,
}

/// <summary>Finds the handler of a request by method and path: 404 when no path fits, 405 when only the method does not.</summary>
public sealed class HttpRoutes
{
    private readonly List<Route> _routes = [];

    /// <summary>Adds a route.</summary>
    /// <param name="method">Such as <c>POST</c>.</param>
    /// <param name="pattern">Such as <c>/v1/checkpoints/{step}/done</c>; a name in braces takes one non-empty segment, decoded.</param>
    /// <param name="handler">Answers.</param>
    /// <param name="body">What it expects of the body.</param>
    /// <returns>This, for the next.</returns>
    public HttpRoutes Map(string method, string pattern, Func<HttpExchange, Task> handler, HttpBody body = HttpBody.Optional)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        _routes.Add(new Route(method, [.. pattern.Split('/')], handler, body));
        return this;
    }

    /// <summary>Handles an exchange; give it to <see cref="HttpServer.Listen"/>.</summary>
    /// <exception cref="HttpRefusedException">No route, or a body is missing.</exception>
    public Task HandleAsync(HttpExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        var segments = exchange.Path.Split('/');
        var methods = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var route in _routes)
        {
            if (Match(route, segments) is not { } parameters)
                continue;
            methods.Add(route.Method);
            if (route.Method != exchange.Method)
                continue;
            exchange.Parameters = parameters;
            return Dispatch(route, exchange);
        }

        throw methods.Count == 0
            ? new HttpRefusedException(404, $"nothing is at {exchange.Path}")
            : new HttpRefusedException(405, $"{exchange.Path} takes {string.Join(", ", methods)}, not {exchange.Method}");
    }

    private static Task Dispatch(Route route, HttpExchange exchange)
    {
        var given = exchange.Request.Header("Content-Length") ?? exchange.Request.Header("Transfer-Encoding");
        if (route.Body == HttpBody.Required && given is null)
            throw new HttpRefusedException(411, $"{exchange.Method} {exchange.Path} needs a body with Content-Length or in chunks");
        if (route.Body == HttpBody.Stream)
            exchange.AllowStream();
        return route.Handler(exchange);
    }

    private static ImmutableSortedDictionary<string, string>? Match(Route route, string[] segments)
    {
        if (route.Segments.Length != segments.Length)
            return null;
        var parameters = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < segments.Length; i++)
        {
            var pattern = route.Segments[i];
            if (pattern.StartsWith('{') && segments[i].Length > 0)
                parameters[pattern[1..^1]] = Uri.UnescapeDataString(segments[i]);
            else if (pattern != segments[i])
                return null;
        }

        return parameters.ToImmutable();
    }

    private sealed record Route(string Method, ImmutableArray<string> Segments, Func<HttpExchange, Task> Handler, HttpBody Body);
}
