using Muster.Codecs.Etcd;
using Muster.Network.Http;
using Muster.Runtime;
using Muster.Server.Etcd.Watching;

namespace Muster.Server.Etcd;

/// <summary>etcdserverpb.Watch: every change of a range once, in order, from a revision on.</summary>
internal sealed class WatchService : IDisposable
{
    private readonly StoreGate _gate;
    private readonly WatchBoard _board;
    private readonly ITimer _timer;

    /// <param name="gate">The store.</param>
    /// <param name="notices">Of what was applied.</param>
    /// <param name="clock">For telling idle watches how far they are.</param>
    /// <param name="progressEvery">How often; etcd's default is 10 minutes.</param>
    public WatchService(StoreGate gate, ApplyNotices notices, MonotonicClock clock, TimeSpan progressEvery)
    {
        (_gate, _board) = (gate, new(gate, notices));
        _timer = clock.Time.CreateTimer(_ => _gate.Post(_board.TellProgress), null, progressEvery, progressEvery);
    }

    public void AddTo(GrpcServer server) => server.Duplex("/etcdserverpb.Watch/Watch", ServeAsync);

    public void Dispose() => _timer.Dispose();

    private async Task ServeAsync(GrpcServerCall call, GrpcServerStream grpc)
    {
        var stream = new WatchStream(ServiceMethods.CredentialsOf(call), full => _gate.Post(() => _board.Resume(full)));
        await _gate.AskAsync(() => Opened(stream));
        var sending = stream.SendAsync(grpc, call.Cancel);
        try
        {
            while (await grpc.ReadAsync() is { } bytes)
            {
                var request = ServiceMethods.Decode<WatchRequest>(bytes);
                await _gate.AskAsync(() => Handled(stream, request));
                await stream.RoomAsync(call.Cancel);
            }

            await sending;               // a client that has said its last still listens
        }
        finally
        {
            stream.Complete();
            _gate.Post(() => _board.Close(stream));
            await SwallowAsync(sending);
        }
    }

    private bool Opened(WatchStream stream)
    {
        _board.Open(stream);
        return true;
    }

    private bool Handled(WatchStream stream, WatchRequest request)
    {
        _board.Handle(stream, request);
        return true;
    }

    /// <summary>The call has ended for its own reason, which the caller is told.</summary>
    private static async Task SwallowAsync(Task sending)
    {
        try
        {
            await sending;
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or GrpcException)
        {
        }
    }
}
