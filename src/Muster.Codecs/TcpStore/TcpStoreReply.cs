using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Codecs.TcpStore;

/// <summary>What a TCPStore server says.</summary>
public abstract record TcpStoreReply
{
    private TcpStoreReply()
    {
    }

    /// <summary>To <see cref="TcpStoreRequest.CompareSet"/> and <see cref="TcpStoreRequest.Get"/>.</summary>
    public sealed record Value(ByteString Bytes) : TcpStoreReply;

    /// <summary>To <see cref="TcpStoreRequest.MultiGet"/>: a missing key's value is empty.</summary>
    public sealed record Values(ImmutableArray<ByteString> All) : TcpStoreReply;

    /// <summary>To requests that ask for a number.</summary>
    public sealed record Number(long Count) : TcpStoreReply;

    /// <summary>To <see cref="TcpStoreRequest.Ping"/>.</summary>
    public sealed record Pong(uint Nonce) : TcpStoreReply;

    /// <summary>To requests answered by one byte.</summary>
    public sealed record Signal(TcpStoreSignal What) : TcpStoreReply;

    /// <summary>To <see cref="TcpStoreRequest.QueuePop"/>: how many there were before, and the oldest if there was one.</summary>
    public sealed record Popped(long Before, ByteString Oldest) : TcpStoreReply;

    /// <summary>To <see cref="TcpStoreRequest.ListKeys"/>.</summary>
    public sealed record Keys(ImmutableArray<ByteString> All) : TcpStoreReply;

    /// <summary>Writes the reply as it goes over the wire.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        switch (this)
        {
            case Value value:
                Write(output, value.Bytes);
                break;
            case Values values:
                foreach (var value in values.All)
                    Write(output, value);
                break;
            case Number number:
                Write(output, number.Count);
                break;
            case Pong pong:
                BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(sizeof(uint)), pong.Nonce);
                output.Advance(sizeof(uint));
                break;
            case Signal signal:
                output.GetSpan(1)[0] = (byte)signal.What;
                output.Advance(1);
                break;
            case Popped popped:
                Write(output, popped.Before);
                if (popped.Before > 0)
                    Write(output, popped.Oldest);
                break;
            case Keys keys:
                Write(output, keys.All.Length);
                foreach (var key in keys.All)
                    Write(output, key);
                break;
        }
    }

    private static void Write(IBufferWriter<byte> output, long number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(sizeof(long)), number);
        output.Advance(sizeof(long));
    }

    private static void Write(IBufferWriter<byte> output, ByteString bytes)
    {
        Write(output, bytes.Length);
        output.Write(bytes.Span);
    }
}

/// <summary>Replies of one byte; which meaning a number has follows from the request.</summary>
public enum TcpStoreSignal : byte
{
    /// <summary>To Check: every key exists. To Wait and Barrier: stop waiting.</summary>
    Ready = 0,

    /// <summary>To Check: a key is missing. To CancelWait: the wait has ended.</summary>
    NotReady = 1,

    /// <summary>To the legacy WatchKey: registered.</summary>
    Registered = 3,
}
