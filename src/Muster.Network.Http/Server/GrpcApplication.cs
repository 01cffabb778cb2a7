using System.Collections.Frozen;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace Muster.Network.Http;

/// <summary>What Kestrel calls for each request: no hosting, routing or middleware is between.</summary>
internal sealed class GrpcApplication(IReadOnlyDictionary<string, GrpcMethod> methods, CancellationToken stopping) : IHttpApplication<GrpcServerCall>
{
    private readonly FrozenDictionary<string, GrpcMethod> _methods = methods.ToFrozenDictionary(StringComparer.Ordinal);
    private readonly FrozenSet<string> _services = methods.Keys.Select(path => path.Split('/')[1]).ToFrozenSet(StringComparer.Ordinal);

    public GrpcServerCall CreateContext(IFeatureCollection contextFeatures)
    {
        var call = contextFeatures is IHostContextContainer<GrpcServerCall> kept ? kept.HostContext ??= new() : new GrpcServerCall();
        call.Begin(contextFeatures);
        return call;
    }

    public Task ProcessRequestAsync(GrpcServerCall context)
    {
        if (!context.IsAccepted(stopping))
            return Task.CompletedTask;
        if (_methods.TryGetValue(context.Path, out var method))
            return method.ServeAsync(context);
        context.Finish(new(GrpcCode.Unimplemented, Unknown(context.Path)), hasAnswered: false);
        return Task.CompletedTask;
    }

    public void DisposeContext(GrpcServerCall context, Exception? exception)
    {
    }

    private string Unknown(string path) => path.Split('/') is ["", var service, var name]
        ? _services.Contains(service) ? $"unknown method {name} for service {service}" : $"unknown service {service}"
        : $"malformed method name: \"{path}\"";
}
