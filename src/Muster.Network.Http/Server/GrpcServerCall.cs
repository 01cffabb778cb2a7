using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Muster.Network.Http.Protocol;

namespace Muster.Network.Http;

/// <summary>One call as the server sees it. It must not be used after its handler has ended.</summary>
public sealed class GrpcServerCall
{
    private const string GrpcContentType = "application/grpc";

    private CancellationTokenSource? _deadline;
    private CancellationToken _stopping;
    private IFeatureCollection _features = null!;
    private IHttpRequestFeature _request = null!;
    private IHttpResponseFeature _response = null!;

    internal GrpcServerCall()
    {
    }

    /// <summary>The method's path, <c>/package.Service/Method</c>.</summary>
    public string Path => _request.Path;

    /// <summary>How long the caller waits from the moment the call came; null when it did not say.</summary>
    public TimeSpan? Timeout { get; private set; }

    /// <summary>Ends with the call: its caller is gone or gave up, its time is over, or the server stops.</summary>
    public CancellationToken Cancel { get; private set; }

    /// <summary>What the caller sent as metadata under a name, in lower case; null when nothing.</summary>
    public string? Metadata(string name) => _request.Headers.TryGetValue(name, out var values) && values.Count > 0 ? values[0] : null;

    /// <summary>The certificate that the client brought; null without mutual TLS.</summary>
    public X509Certificate2? ClientCertificate => _features.Get<ITlsConnectionFeature>()?.ClientCertificate;

    /// <summary>Where the caller is; null on a Unix socket.</summary>
    public IPEndPoint? Peer => _features.Get<IHttpConnectionFeature>() is { RemoteIpAddress: { } address } connection
        ? new(address, connection.RemotePort)
        : null;

    internal MessageBuffer Reply { get; } = new();

    internal PipeReader Input => _features.Get<IRequestBodyPipeFeature>()!.Reader;

    internal PipeWriter Output => Body.Writer;

    internal bool IsStopping => _stopping.IsCancellationRequested;

    internal bool IsTimeOver => _deadline is { IsCancellationRequested: true } && !IsStopping && !Aborted.IsCancellationRequested;

    private CancellationToken Aborted => _features.Get<IHttpRequestLifetimeFeature>()!.RequestAborted;

    private IHttpResponseBodyFeature Body => _features.Get<IHttpResponseBodyFeature>()!;

    internal void Begin(IFeatureCollection features)
    {
        _features = features;
        _request = features.Get<IHttpRequestFeature>()!;
        _response = features.Get<IHttpResponseFeature>()!;
        Reply.Reset();
    }

    /// <summary>Whether this is a gRPC call at all; if not, it has been answered in HTTP's own words.</summary>
    internal bool IsAccepted(CancellationToken stopping)
    {
        _stopping = stopping;
        if (!HttpMethods.IsPost(_request.Method))
            return Refuse(StatusCodes.Status405MethodNotAllowed);
        var type = _request.Headers.ContentType;
        if (type.Count != 1 || !IsGrpc(type[0]!))
            return Refuse(StatusCodes.Status415UnsupportedMediaType);
        _response.Headers.ContentType = GrpcContentType;
        return true;
    }

    /// <summary>Takes the caller's deadline, and listens to whoever may end the call.</summary>
    /// <exception cref="GrpcException">The deadline cannot be read.</exception>
    internal void Arm(bool isLong)
    {
        Timeout = null;
        if (Metadata("grpc-timeout") is { } text)
            Timeout = TimeoutText.TryDecode(text, out var timeout)
                ? timeout
                : throw new GrpcException(GrpcCode.Internal, $"grpc: the timeout '{text}' is not digits and a unit");
        if (Timeout is null && !isLong)
        {
            Cancel = Aborted;
            return;
        }

        _deadline = CancellationTokenSource.CreateLinkedTokenSource(Aborted, _stopping);
        Cancel = _deadline.Token;
        if (Timeout is { } after && after < TimeSpan.FromDays(24))
            _deadline.CancelAfter(after);
    }

    /// <summary>Sends the headers now, before there is a message: clients wait for them.</summary>
    internal async Task StartAsync()
    {
        await Body.StartAsync();
        await GrpcServerStream.FlushAsync(Output, Cancel);
    }

    /// <summary>Says how the call ended: in the trailers, or where nothing was sent yet in the headers.</summary>
    internal void Finish(GrpcStatus status, bool hasAnswered)
    {
        var code = status.Code == GrpcCode.Ok ? "0" : ((int)status.Code).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var headers = hasAnswered || _response.HasStarted ? _features.Get<IHttpResponseTrailersFeature>()!.Trailers : _response.Headers;
        headers.GrpcStatus = code;
        if (status.Detail is { Length: > 0 } detail)
            headers.GrpcMessage = StatusText.Encode(detail);
    }

    /// <summary>Breaks the stream: its caller cannot be told any more.</summary>
    internal void Abort() => _features.Get<IHttpRequestLifetimeFeature>()!.Abort();

    internal void End()
    {
        _deadline?.Dispose();
        _deadline = null;
        Cancel = default;
    }

    private static bool IsGrpc(string type) =>
        type.StartsWith(GrpcContentType, StringComparison.OrdinalIgnoreCase)
        && (type.Length == GrpcContentType.Length || type[GrpcContentType.Length] is '+' or ';')
        && !type.StartsWith("application/grpc-", StringComparison.OrdinalIgnoreCase);

    private bool Refuse(int code)
    {
        _response.StatusCode = code;
        return false;
    }
}
