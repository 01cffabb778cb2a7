using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Codecs.TcpStore;

/// <summary>What a client of PyTorch's TCPStore asks for. Values are opaque; an empty one is a present key.</summary>
public abstract record TcpStoreRequest
{
    private TcpStoreRequest()
    {
    }

    /// <summary>The first request of a modern connection. No reply.</summary>
    public sealed record Validate : TcpStoreRequest;

    /// <summary>Sets a key. No reply.</summary>
    public sealed record Set(ByteString Key, ByteString Value) : TcpStoreRequest;

    /// <summary>Sets <paramref name="Desired"/> where the value is <paramref name="Expected"/>, or empty where the key is missing.</summary>
    public sealed record CompareSet(ByteString Key, ByteString Expected, ByteString Desired) : TcpStoreRequest;

    /// <summary>Reads a key; clients wait for it first.</summary>
    public sealed record Get(ByteString Key) : TcpStoreRequest;

    /// <summary>Adds to a number kept as decimal text; missing counts as 0.</summary>
    public sealed record Add(ByteString Key, long Delta) : TcpStoreRequest;

    /// <summary>Whether all keys exist, now.</summary>
    public sealed record Check(ImmutableArray<ByteString> Keys) : TcpStoreRequest;

    /// <summary>Answered when each key was set once.</summary>
    public sealed record Wait(ImmutableArray<ByteString> Keys) : TcpStoreRequest;

    /// <summary>How many keys there are; queues are none.</summary>
    public sealed record CountKeys : TcpStoreRequest;

    /// <summary>Deletes a key.</summary>
    public sealed record Delete(ByteString Key) : TcpStoreRequest;

    /// <summary>Appends to a value, or sets it. No reply.</summary>
    public sealed record Append(ByteString Key, ByteString Value) : TcpStoreRequest;

    /// <summary>Reads several keys.</summary>
    public sealed record MultiGet(ImmutableArray<ByteString> Keys) : TcpStoreRequest;

    /// <summary>Sets several keys. No reply.</summary>
    public sealed record MultiSet(ImmutableArray<KeyValuePair<ByteString, ByteString>> Pairs) : TcpStoreRequest;

    /// <summary>Ends the wait of this connection, if there is one. Answered always.</summary>
    public sealed record CancelWait : TcpStoreRequest;

    /// <summary>Asks for its own number.</summary>
    public sealed record Ping(uint Nonce) : TcpStoreRequest;

    /// <summary>Appends to a queue. No reply.</summary>
    public sealed record QueuePush(ByteString Queue, ByteString Value) : TcpStoreRequest;

    /// <summary>Takes the oldest of a queue.</summary>
    public sealed record QueuePop(ByteString Queue) : TcpStoreRequest;

    /// <summary>How many a queue holds.</summary>
    public sealed record QueueLength(ByteString Queue) : TcpStoreRequest;

    /// <summary>All keys.</summary>
    public sealed record ListKeys : TcpStoreRequest;

    /// <summary>Counts itself at a key; answered when so many have.</summary>
    public sealed record Barrier(ByteString Key, long WorldSize) : TcpStoreRequest;

    /// <summary>Legacy: asks to be told of changes. Only the registration is answered; clients do without since torch 2.1.</summary>
    public sealed record WatchKey(ByteString Key) : TcpStoreRequest;
}
