using System.Threading.Channels;
using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Server.Etcd.Access;

namespace Muster.Server.Etcd.Watching;

/// <summary>A watch of one stream; used on the store's loop only.</summary>
/// <param name="stream">Whose.</param>
/// <param name="id">Its id on the stream.</param>
/// <param name="hubId">Its id in the hub.</param>
/// <param name="wish">What was asked for.</param>
internal sealed class StreamWatch(WatchStream stream, long id, WatchId hubId, WatchRequest.Create wish)
{
    public WatchStream Stream => stream;

    public long Id => id;

    public WatchId HubId => hubId;

    public WatchRequest.Create Wish => wish;

    /// <summary>Whether it had events since it was last told how far it is.</summary>
    public bool HadEvents { get; set; }
}

/// <summary>One call of Watch: its watches, and the answers that wait for its reader.</summary>
/// <remarks>The loop adds answers and never waits. When too many wait, its watches keep their place in the history instead.</remarks>
internal sealed class WatchStream(Credentials credentials, Action<WatchStream> hasRoom)
{
    /// <summary>Answers that wait; then no more events are read for this stream.</summary>
    public const int AnswersMax = 128;

    /// <summary>Bytes of keys and values in the answers that wait; the same then.</summary>
    public const long BytesMax = 4L << 20;

    private readonly Channel<(WatchResponse Answer, long Bytes)> _answers =
        Channel.CreateUnbounded<(WatchResponse, long)>(new() { SingleReader = true });

    private int _waiting;
    private long _waitingBytes;
    private int _asked;

    /// <summary>What its caller brought to say who it is.</summary>
    public Credentials Credentials => credentials;

    /// <summary>Its watches by id; on the loop.</summary>
    public Dictionary<long, StreamWatch> Watches { get; } = [];         // looked up by id; gone through where order does not matter

    /// <summary>The id that the next watch gets if it is free; on the loop.</summary>
    public long NextId { get; set; }

    /// <summary>Whether it asked how far it is; on the loop.</summary>
    public bool WantsProgress { get; set; }

    /// <summary>Watches that have something to read, and may not before there is room; on the loop.</summary>
    public List<WatchId> Stalled { get; } = [];

    public bool IsFull => Volatile.Read(ref _waiting) >= AnswersMax || Interlocked.Read(ref _waitingBytes) >= BytesMax;

    /// <summary>Adds an answer; never waits.</summary>
    public void Add(WatchResponse answer, long bytes = 0)
    {
        Interlocked.Increment(ref _waiting);
        Interlocked.Add(ref _waitingBytes, bytes);
        _answers.Writer.TryWrite((answer, bytes));
    }

    /// <summary>Has <c>hasRoom</c> called, once, when half of the room is free; now if it is.</summary>
    public void AskForRoom()
    {
        Volatile.Write(ref _asked, 1);
        TellOfRoom();
    }

    /// <summary>Completes when the next request may be taken: each may bring an answer.</summary>
    public async Task RoomAsync(CancellationToken cancel)
    {
        while (Volatile.Read(ref _waiting) >= AnswersMax)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancel);
    }

    public void Complete() => _answers.Writer.TryComplete();

    /// <summary>Sends answers until completed.</summary>
    public async Task SendAsync(GrpcServerStream stream, CancellationToken cancel)
    {
        var writer = new ProtoWriter();
        while (await _answers.Reader.WaitToReadAsync(cancel))
        {
            while (_answers.Reader.TryRead(out var next))
            {
                next.Answer.Write(writer.Reset());
                await stream.WriteAsync(writer.WrittenMemory, flush: !_answers.Reader.TryPeek(out _) || next.Bytes > GrpcBatchBytes);
                Interlocked.Decrement(ref _waiting);
                Interlocked.Add(ref _waitingBytes, -next.Bytes);
                TellOfRoom();
            }
        }
    }

    private const long GrpcBatchBytes = 16 * 1024;

    private void TellOfRoom()
    {
        if (Volatile.Read(ref _asked) == 0 || Volatile.Read(ref _waiting) > AnswersMax / 2 || Interlocked.Read(ref _waitingBytes) > BytesMax / 2)
            return;
        if (Interlocked.Exchange(ref _asked, 0) == 1)
            hasRoom(this);
    }
}
