using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Muster.Network.Http.Protocol;

namespace Muster.Network.Http;

/// <summary>Answers a call of one request and one answer.</summary>
/// <param name="call">The call.</param>
/// <param name="request">The request; valid until the task completes.</param>
/// <param name="reply">Where the answer goes; sent when the task completes.</param>
public delegate ValueTask UnaryHandler(GrpcServerCall call, ReadOnlyMemory<byte> request, IBufferWriter<byte> reply);

/// <summary>Answers a call of any number of messages in both directions; the call ends when the task does.</summary>
/// <param name="call">The call.</param>
/// <param name="stream">Its messages.</param>
public delegate Task DuplexHandler(GrpcServerCall call, GrpcServerStream stream);

/// <summary>One method: what every call of it goes through.</summary>
internal abstract class GrpcMethod(string path, GrpcServerOptions options)
{
    protected GrpcServerOptions Options { get; } = options;

    public async Task ServeAsync(GrpcServerCall call)
    {
        var answered = false;
        try
        {
            answered = await AnswerAsync(call);
            call.Finish(GrpcStatus.Ok, hasAnswered: true);
        }
        catch (GrpcException refused)
        {
            call.Finish(refused.Status, answered);
        }
        catch (OperationCanceledException) when (call.IsTimeOver)
        {
            call.Finish(new(GrpcCode.DeadlineExceeded, "the call's time is over"), answered);
        }
        catch (OperationCanceledException) when (call.IsStopping)
        {
            call.Finish(new(GrpcCode.Unavailable, "the server is stopping"), answered);
        }
        catch (Exception gone) when (gone is OperationCanceledException or ConnectionAbortedException or IOException or BadHttpRequestException)
        {
            call.Abort();                            // nobody is left to be told
        }
#pragma warning disable CA1031 // A handler's failure goes to the process's top; the caller is told that there was one.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            call.Finish(new(GrpcCode.Internal, $"the server failed: {failure.GetType().Name}"), answered);
            Options.Failed(path, failure);
        }
        finally
        {
            call.End();
        }
    }

    /// <returns>True.</returns>
    protected abstract ValueTask<bool> AnswerAsync(GrpcServerCall call);
}

internal sealed class UnaryMethod(string path, UnaryHandler handler, GrpcServerOptions options) : GrpcMethod(path, options)
{
    protected override async ValueTask<bool> AnswerAsync(GrpcServerCall call)
    {
        call.Arm(isLong: false);
        var reader = new MessageReader(call.Input, Options.MessageBytesMax);
        if (await reader.NextAsync(CancellationToken.None) is not { } request)
            throw new GrpcException(GrpcCode.Internal, "grpc: the call ends without a request");
        try
        {
            await handler(call, request, call.Reply);
        }
        finally
        {
            reader.Release();
        }

        var frame = call.Reply.Frame();
        await GrpcServerStream.WritePiecesAsync(call.Output, frame, call.Cancel);
        return true;
    }
}

internal sealed class DuplexMethod(string path, DuplexHandler handler, GrpcServerOptions options) : GrpcMethod(path, options)
{
    protected override async ValueTask<bool> AnswerAsync(GrpcServerCall call)
    {
        call.Arm(isLong: true);
        await call.StartAsync();
        await handler(call, new(call.Input, call.Output, Options.MessageBytesMax, call.Cancel));
        return true;
    }
}
