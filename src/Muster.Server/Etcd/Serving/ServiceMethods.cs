using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using Muster.Codecs;
using Muster.Codecs.Protobuf;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Primitives;
using Muster.Server.Etcd.Access;
using Muster.Stores;

namespace Muster.Server.Etcd;

/// <summary>Methods of a service as functions from a request and its author to an answer.</summary>
internal static class ServiceMethods
{
    /// <summary>Serves a method that is answered on the store's loop.</summary>
    public static void OnLoop<TRequest, TAnswer>(
        this GrpcServer server, StoreGate gate, string path, Func<TRequest, Author, Task<TAnswer>> answer)
        where TRequest : IProtoMessage<TRequest>
        where TAnswer : IProtoMessage<TAnswer> => server.Anywhere<TRequest, TAnswer>(
            path, (call, request) =>
            {
                var credentials = CredentialsOf(call);
                return gate.AskAsync(() => answer(request, gate.Access.Identify(credentials)));
            });

    /// <summary>Serves a method that is answered on the store's loop at once.</summary>
    public static void OnLoop<TRequest, TAnswer>(
        this GrpcServer server, StoreGate gate, string path, Func<TRequest, Author, TAnswer> answer)
        where TRequest : IProtoMessage<TRequest>
        where TAnswer : IProtoMessage<TAnswer> =>
        server.OnLoop<TRequest, TAnswer>(gate, path, (request, author) => Task.FromResult(answer(request, author)));

    /// <summary>Serves a method that is answered on the thread pool.</summary>
    public static void Anywhere<TRequest, TAnswer>(this GrpcServer server, string path, Func<GrpcServerCall, TRequest, Task<TAnswer>> answer)
        where TRequest : IProtoMessage<TRequest>
        where TAnswer : IProtoMessage<TAnswer> => server.Unary(
            path, async (call, bytes, reply) =>
            {
                var request = Decode<TRequest>(bytes);
                var writer = new ProtoWriter();
                (await TranslatedAsync(() => answer(call, request))).Write(writer);
                reply.Write(writer.Written);
            });

    /// <summary>A request's message.</summary>
    /// <exception cref="GrpcException">The bytes are none.</exception>
    public static T Decode<T>(ReadOnlyMemory<byte> bytes)
        where T : IProtoMessage<T>
    {
        try
        {
            return Proto.Decode<T>(bytes.Span);
        }
        catch (CodecException malformed)
        {
            throw new GrpcException(GrpcCode.Internal, $"grpc: the request cannot be read: {malformed.Message}");
        }
    }

    /// <summary>Does something whose refusals become etcd's statuses.</summary>
    public static async Task<T> TranslatedAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (StoreRefusedException refused)
        {
            throw Refusals.Of(refused.Refusal);
        }
        catch (StoreUnavailableException gone)
        {
            throw new GrpcException(GrpcCode.Unavailable, gone.Message);
        }
    }

    /// <summary>What a caller brought to say who it is.</summary>
    public static Credentials CredentialsOf(GrpcServerCall call) => new(
        call.Metadata("token") ?? call.Metadata("authorization"),
        call.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false));

    /// <summary>Throws a refusal.</summary>
    public static void Require(StoreRefusal? refusal)
    {
        if (refusal is { } why)
            throw new StoreRefusedException(why);
    }
}
