using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Muster.Network.Http.Protocol;

namespace Muster.Network.Http;

/// <summary>How a call ended, from what HTTP says.</summary>
/// <remarks>Source: gRPC over HTTP2, "Errors", and doc/http-grpc-status-mapping.md.</remarks>
internal static class ResponseStatus
{
    private const long InternalError = 2, RefusedStream = 7, CancelStream = 8, EnhanceYourCalm = 11, InadequateSecurity = 12;

    /// <summary>A call that ended before it answered: the status is among the headers, or the answer is not gRPC.</summary>
    public static void ThrowIfRefused(HttpResponseMessage response)
    {
        if (Find(response.Headers) is { } status)
        {
            if (status.Code != GrpcCode.Ok)
                throw new GrpcException(status);
            return;
        }

        if (response.StatusCode != HttpStatusCode.OK)
            throw new GrpcException(CodeOf(response.StatusCode), $"grpc: the server answers HTTP {(int)response.StatusCode}: is it a gRPC server?");
        if (response.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.Ordinal) != true)
            throw new GrpcException(GrpcCode.Unknown, $"grpc: the answer is of the type '{response.Content.Headers.ContentType}': is it a gRPC server?");
    }

    /// <summary>After the last message.</summary>
    public static void ThrowIfNotWell(HttpResponseMessage response)
    {
        var status = Find(response.TrailingHeaders) ?? Find(response.Headers)
            ?? throw new GrpcException(GrpcCode.Internal, "grpc: the stream ends without a status");
        if (status.Code != GrpcCode.Ok)
            throw new GrpcException(status);
    }

    /// <summary>What to throw for a failure below gRPC.</summary>
    public static Exception Of(Exception failure, bool isTimeOver, CancellationToken cancel)
    {
        if (failure is GrpcException)
            return failure;
        if (cancel.IsCancellationRequested)
            return new OperationCanceledException("the caller gave up", failure, cancel);
        if (isTimeOver)
            return new GrpcException(new(GrpcCode.DeadlineExceeded, "the call's time is over; it may have been done"), failure);
        var request = Find<HttpRequestException>(failure);
        var protocol = Find<HttpProtocolException>(failure);
        var code = protocol?.ErrorCode switch
        {
            null or RefusedStream => GrpcCode.Unavailable,
            CancelStream => GrpcCode.Cancelled,
            EnhanceYourCalm => GrpcCode.ResourceExhausted,
            InadequateSecurity => GrpcCode.PermissionDenied,
            InternalError => GrpcCode.Internal,
            _ => GrpcCode.Unavailable,                 // the connection is gone: closed, cut, or silent when asked whether it lives
        };
        var notSent = protocol?.ErrorCode == RefusedStream || request?.HttpRequestError is
            HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.VersionNegotiationError;
        return new GrpcException(new(code, $"the connection failed: {Innermost(failure).Message}"), failure) { WasNotSent = notSent };
    }

    private static GrpcStatus? Find(HttpHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("grpc-status", out var codes))
            return null;
        var known = int.TryParse(codes.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code is >= 0 and <= 16;
        var detail = headers.NonValidated.TryGetValues("grpc-message", out var details) ? StatusText.Decode(details.ToString()) : "";
        return new(known ? (GrpcCode)code : GrpcCode.Unknown, detail);
    }

    private static GrpcCode CodeOf(HttpStatusCode code) => (int)code switch
    {
        400 => GrpcCode.Internal,
        401 => GrpcCode.Unauthenticated,
        403 => GrpcCode.PermissionDenied,
        404 => GrpcCode.Unimplemented,
        429 or 502 or 503 or 504 => GrpcCode.Unavailable,
        _ => GrpcCode.Unknown,
    };

    private static T? Find<T>(Exception failure)
        where T : Exception
    {
        for (var at = failure; at is not null; at = at.InnerException)
            if (at is T found)
                return found;
        return null;
    }

    private static Exception Innermost(Exception failure)
    {
        while (failure.InnerException is { } inner)
            failure = inner;
        return failure;
    }
}
