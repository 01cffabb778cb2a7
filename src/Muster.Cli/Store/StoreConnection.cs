using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Network.Http;

namespace Muster.Cli.Store;

/// <summary>Calls of etcd's API to one server; what it refuses ends the command with its words.</summary>
internal sealed class StoreConnection(GrpcChannel channel) : IDisposable
{
    /// <summary>How long one answer may take; default 10 s.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private string? _token;

    /// <summary>Where the server is.</summary>
    public Uri Address => channel.Address;

    /// <summary>Shows a password and goes on as that user. A store without authentication lets everybody in.</summary>
    public async Task AuthenticateAsync(string user, string password, CancellationToken cancel)
    {
        try
        {
            var answer = await channel.UnaryAsync(
                "/etcdserverpb.Auth/Authenticate", Proto.Encode(new AuthenticateRequest(user, password)), Call(s_patience), cancel);
            _token = Proto.Decode<AuthenticateResponse>(answer.Span).Token;
        }
        catch (GrpcException refused) when (refused.Status.Detail == "etcdserver: authentication is not enabled")
        {
            _token = null;
        }
        catch (GrpcException refused)
        {
            throw Told(refused);
        }
    }

    /// <summary>Asks once.</summary>
    public async Task<TAnswer> AskAsync<TRequest, TAnswer>(string path, TRequest request, CancellationToken cancel)
        where TRequest : IProtoMessage<TRequest>
        where TAnswer : IProtoMessage<TAnswer>
    {
        try
        {
            return Proto.Decode<TAnswer>((await channel.UnaryAsync("/etcdserverpb." + path, Proto.Encode(request), Call(s_patience), cancel)).Span);
        }
        catch (GrpcException refused)
        {
            throw Told(refused);
        }
    }

    /// <summary>Opens a stream; dispose it to end it.</summary>
    public GrpcDuplex Open(string path, CancellationToken cancel) => channel.Duplex("/etcdserverpb." + path, Call(null), cancel);

    /// <summary>What a refusal means for the person who typed the command.</summary>
    public CliException Told(GrpcException refused) => refused.Code switch
    {
        GrpcCode.Unavailable or GrpcCode.DeadlineExceeded => new(
            ExitCode.Infrastructure, $"the store at {Address} does not answer: {refused.Status.Detail}. Is it running (`muster server`)? Name another with --endpoint"),
        GrpcCode.Unknown or GrpcCode.Internal or GrpcCode.DataLoss or GrpcCode.Unimplemented => new(
            ExitCode.Infrastructure, $"the store at {Address} failed: {refused.Status.Detail}"),
        _ => new(ExitCode.Refused, $"refused: {refused.Status.Detail}"),
    };

    public void Dispose() => channel.Dispose();

    private GrpcCallOptions Call(TimeSpan? patience) => new() { Timeout = patience, Metadata = _token is null ? [] : [new("token", _token)] };
}
