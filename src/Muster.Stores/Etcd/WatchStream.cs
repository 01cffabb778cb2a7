using Muster.Codecs;
using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Network.Http;

namespace Muster.Stores.Etcd;

/// <summary>One stream of watches to one server, until it ends. Everything happens on the loop that made it.</summary>
internal sealed class WatchStream(GrpcDuplex duplex, int server, Action<WatchStream, WatchResponse> received, Action<WatchStream, string> ended)
{
    private readonly Queue<WatchRequest> _outgoing = [];
    private bool _writing;
    private bool _over;

    /// <summary>Number of the server at its other end.</summary>
    public int Server => server;

    public void Send(WatchRequest request)
    {
        _outgoing.Enqueue(request);
        if (!_writing)
            WriteAll();
    }

    public async void ReadAll()
    {
        var reason = "the server ended the stream";
        try
        {
            while (!_over && await duplex.ReadAsync() is { } message)
            {
                if (!_over)
                    received(this, Proto.Decode<WatchResponse>(message.Span));
            }
        }
        catch (Exception broken) when (broken is GrpcException or OperationCanceledException or CodecException)
        {
            reason = broken is GrpcException told ? told.Status.Detail : broken.Message;
        }

        if (!_over)
            ended(this, reason);
        Close();
    }

    /// <summary>Ends it; nothing more is received.</summary>
    public async void Close()
    {
        if (_over)
            return;
        _over = true;
        await duplex.DisposeAsync();
    }

    private async void WriteAll()
    {
        _writing = true;
        try
        {
            while (!_over && _outgoing.TryDequeue(out var request))
                await duplex.WriteAsync(Proto.Encode(request));
        }
        catch (Exception broken) when (broken is GrpcException or OperationCanceledException)
        {
            // Reading tells the reason.
        }

        _writing = false;
    }
}
