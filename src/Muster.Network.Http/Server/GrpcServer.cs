using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Muster.Network.Http.Protocol;

namespace Muster.Network.Http;

/// <summary>Serves gRPC over HTTP/2: messages are bytes, methods are paths.</summary>
/// <remarks>Handlers run on the thread pool and post to loops. What does not fit is refused with a status, never with silence.</remarks>
public sealed class GrpcServer : IAsyncDisposable
{
    private readonly GrpcServerOptions _options;
    private readonly Dictionary<string, GrpcMethod> _methods = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ServiceProvider _services;
    private readonly IServer _kestrel;
    private bool _started;

    /// <summary>Makes a server that does not listen yet.</summary>
    public GrpcServer(GrpcServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        (_services, _kestrel) = KestrelServices.Build(kestrel => Configure(kestrel, options));
    }

    /// <summary>Where it listens, in the order of its listeners' addresses, with the ports that were free.</summary>
    public IReadOnlyList<Uri> Addresses =>
        [.. _kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address))];

    /// <summary>Serves a method of one request and one answer.</summary>
    /// <param name="path"><c>/package.Service/Method</c>.</param>
    /// <param name="handler">Answers it.</param>
    /// <exception cref="InvalidOperationException">The server has started, or serves the method already.</exception>
    public void Unary(string path, UnaryHandler handler) => Add(path, new UnaryMethod(path, handler, _options));

    /// <summary>Serves a method of any number of messages in both directions.</summary>
    /// <param name="path"><c>/package.Service/Method</c>.</param>
    /// <param name="handler">Answers it.</param>
    /// <exception cref="InvalidOperationException">The server has started, or serves the method already.</exception>
    public void Duplex(string path, DuplexHandler handler) => Add(path, new DuplexMethod(path, handler, _options));

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">An address is in use or not this machine's; the message names it.</exception>
    public async Task StartAsync(CancellationToken cancel = default)
    {
        _started = true;
        await _kestrel.StartAsync(new GrpcApplication(_methods, _stopping.Token), cancel);
    }

    /// <summary>Ends streams with <see cref="GrpcCode.Unavailable"/>, waits for the other calls, then closes what is left.</summary>
    /// <param name="patience">How long calls may take to end.</param>
    public async Task StopAsync(TimeSpan patience)
    {
        await _stopping.CancelAsync();
        if (!_started)
            return;
        using var impatience = new CancellationTokenSource(patience);
        await _kestrel.StopAsync(impatience.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        await _services.DisposeAsync();
        _stopping.Dispose();
    }

    private void Add(string path, GrpcMethod method)
    {
        if (_started)
            throw new InvalidOperationException($"{path}: methods are added before the server starts.");
        if (path.Split('/') is not ["", { Length: > 0 }, { Length: > 0 }])
            throw new ArgumentException($"'{path}' is not of the form /package.Service/Method.", nameof(path));
        if (!_methods.TryAdd(path, method))
            throw new InvalidOperationException($"{path} is served already.");
    }

    private static void Configure(KestrelServerOptions kestrel, GrpcServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.ConnectionsMax;
        kestrel.Limits.MaxRequestBodySize = null;                 // a stream has no length
        kestrel.Limits.MinRequestBodyDataRate = null;             // and may be silent for days
        kestrel.Limits.MinResponseDataRate = null;                // a slow reader holds WaitingBytesMax and no more
        kestrel.Limits.MaxResponseBufferSize = options.WaitingBytesMax;
        kestrel.Limits.KeepAliveTimeout = options.IdleAfter;
        kestrel.Limits.Http2.MaxStreamsPerConnection = options.CallsPerConnectionMax;
        kestrel.Limits.Http2.KeepAlivePingDelay = options.PingAfter;
        kestrel.Limits.Http2.KeepAlivePingTimeout = options.PingTimeout;
        foreach (var listener in options.Listeners)
            kestrel.Listen(listener.Address, listen => Configure(listen, listener.Tls));
    }

    private static void Configure(ListenOptions listen, GrpcServerTls? tls)
    {
        listen.Protocols = HttpProtocols.Http2;
        if (tls is null)
            return;
        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = tls.Certificate,
            ServerCertificateChain = tls.Chain,
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateMode = tls.ClientAuthorities.Count > 0 ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate,
            ClientCertificateValidation = (certificate, _, _) => CertificateTrust.IsTrusted(certificate, tls.ClientAuthorities),
            OnAuthenticate = (_, authenticate) => authenticate.CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        });
    }
}
