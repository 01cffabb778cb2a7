using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Muster.Network.Http.Protocol;

namespace Muster.Network.Http;

/// <summary>Makes gRPC calls to one server; connects when the first is made, and again after a loss when the next is made.</summary>
/// <remarks>Any thread. Nothing is ever sent twice by the channel, except what the server says it has not looked at.</remarks>
public sealed class GrpcChannel : IDisposable
{
    private const string UserAgent = "muster-grpc";

    private readonly HttpMessageInvoker _invoker;
    private readonly Uri _address;
    private readonly GrpcChannelOptions _options;
    private readonly ConcurrentDictionary<string, Uri> _uris = new(StringComparer.Ordinal);

    /// <summary>A channel that is not connected yet.</summary>
    /// <param name="address"><c>http://host:port</c> for HTTP/2 in plain text, <c>https://host:port</c> for TLS.</param>
    /// <param name="options">The defaults when null.</param>
    public GrpcChannel(Uri address, GrpcChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        (_address, _options) = (address, options ?? GrpcChannelOptions.Default);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = _options.MayOpenMoreConnections,
            ConnectTimeout = _options.ConnectTimeout,
            KeepAlivePingDelay = _options.PingAfter,
            KeepAlivePingTimeout = _options.PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        };
        if (_options.Tls is { } tls)
            handler.SslOptions = Configured(tls);
        _invoker = new(handler);
    }

    /// <summary>Where the server is.</summary>
    public Uri Address => _address;

    /// <summary>Sends one request and waits for its answer.</summary>
    /// <param name="path"><c>/package.Service/Method</c>.</param>
    /// <param name="request">The request; must not change until the task completes.</param>
    /// <param name="call">What goes with it; nothing when null.</param>
    /// <param name="cancel">Gives up; the server may do what was asked all the same.</param>
    /// <returns>The answer, in memory of its own.</returns>
    /// <exception cref="GrpcException">The call ended otherwise than well, or never reached the server.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<ReadOnlyMemory<byte>> UnaryAsync(
        string path, ReadOnlyMemory<byte> request, GrpcCallOptions? call = null, CancellationToken cancel = default)
    {
        using var deadline = Deadline(call, cancel);
        try
        {
            using var message = Message(path, new UnaryContent(request), call);
            using var response = await _invoker.SendAsync(message, deadline?.Token ?? cancel).ConfigureAwait(false);
            ResponseStatus.ThrowIfRefused(response);
            var stream = await response.Content.ReadAsStreamAsync(CancellationToken.None).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                var reader = new ResponseReader(stream, _options.MessageBytesMax);
                var answer = await reader.NextAsync(deadline?.Token ?? cancel).ConfigureAwait(false);
                if (answer is not null && await reader.NextAsync(deadline?.Token ?? cancel).ConfigureAwait(false) is not null)
                    throw new GrpcException(GrpcCode.Internal, "grpc: the server answers more than once");
                ResponseStatus.ThrowIfNotWell(response);
                return answer ?? throw new GrpcException(GrpcCode.Internal, "grpc: the server ends well and without an answer");
            }
        }
        catch (Exception failure) when (failure is not GrpcException)
        {
            throw ResponseStatus.Of(failure, deadline is { IsCancellationRequested: true }, cancel);
        }
    }

    /// <summary>Opens a call of any number of messages in both directions.</summary>
    /// <param name="path"><c>/package.Service/Method</c>.</param>
    /// <param name="call">What goes with it; nothing when null.</param>
    /// <param name="cancel">Ends the call.</param>
    /// <returns>The call; errors come from its reads and writes.</returns>
    public GrpcDuplex Duplex(string path, GrpcCallOptions? call = null, CancellationToken cancel = default)
    {
        var deadline = Deadline(call, cancel) ?? CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var content = new DuplexContent();
        return new(_invoker, Message(path, content, call), content, _options.MessageBytesMax, deadline, cancel);
    }

    /// <summary>Closes its connections; calls under way break.</summary>
    public void Dispose() => _invoker.Dispose();

    private HttpRequestMessage Message(string path, HttpContent content, GrpcCallOptions? call)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, _uris.GetOrAdd(path, static (p, at) => new(at, p), _address))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        message.Headers.TryAddWithoutValidation("te", "trailers");
        message.Headers.TryAddWithoutValidation("user-agent", UserAgent);
        if (call is null)
            return message;
        if (call.Timeout is { } timeout)
            message.Headers.TryAddWithoutValidation("grpc-timeout", TimeoutText.Encode(timeout));
        foreach (var (name, value) in call.Metadata)
            message.Headers.TryAddWithoutValidation(name, value);
        return message;
    }

    private static CancellationTokenSource? Deadline(GrpcCallOptions? call, CancellationToken cancel)
    {
        if (call?.Timeout is not { } timeout)
            return null;
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero);
        return deadline;
    }

    private static SslClientAuthenticationOptions Configured(GrpcClientTls tls)
    {
        var options = new SslClientAuthenticationOptions();
        if (tls.ServerName is { } name)
            options.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None
                && certificate is X509Certificate2 presented && presented.MatchesHostname(name);
        if (tls.Authorities.Count > 0)
            options.CertificateChainPolicy = CertificateTrust.Only(tls.Authorities);
        if (tls.ClientCertificate is { } certificate)
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        return options;
    }
}
