using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Muster.Codecs;
using Muster.Codecs.TcpStore;
using Muster.Primitives;

namespace Muster.Coordination.TcpStore;

/// <summary>The keys and queues of one TCPStore, and who waits for them. Pure: requests in, replies out, in the order in which they are to be sent.</summary>
/// <remarks>
/// PyTorch's libuv server is the reference, but for what clients can only be hurt by: a wait that is no longer wanted never sends a
/// late byte, a compare-and-set that changes a key wakes its waiters, and a woken waiter of a queue is no longer one.
/// Not thread-safe.
/// </remarks>
/// <param name="bytesMax">Keys and values together; a request that would exceed it is refused and its connection closed.</param>
public sealed class TcpStoreNamespace(long bytesMax = TcpStoreNamespace.BytesMaxDefault)
{
    /// <summary>1 GiB: clients never delete what they set.</summary>
    public const long BytesMaxDefault = 1L << 30;

    private readonly Dictionary<ByteString, ByteString> _values = [];
    private readonly Dictionary<ByteString, Queue<ByteString>> _queues = [];
    private readonly TcpStoreWaits _waits = new();
    private readonly List<(long Connection, TcpStoreReply Reply)> _replies = [];
    private long _bytes;

    /// <summary>Replies since the last call of <see cref="Drained"/>.</summary>
    public IReadOnlyList<(long Connection, TcpStoreReply Reply)> Replies => _replies;

    /// <summary>Bytes of all keys and values.</summary>
    public long Bytes => _bytes;

    /// <summary>The replies have been taken.</summary>
    public void Drained() => _replies.Clear();

    /// <summary>A connection has ended: it waits for nothing more. Its keys stay.</summary>
    public void Closed(long connection) => _waits.Cancel(connection);

    /// <summary>Does what one connection asks for.</summary>
    /// <exception cref="CodecException">The store would grow past its limit, or a number is to be added to what is none: the connection is to be closed.</exception>
    public void Handle(long connection, TcpStoreRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        // Whoever asks anew waits no longer: legacy clients have no other way to say so.
        _waits.Cancel(connection);
        switch (request)
        {
            case TcpStoreRequest.Validate:
                break;
            case TcpStoreRequest.Set set:
                Put(set.Key, set.Value);
                break;
            case TcpStoreRequest.MultiSet sets:
                foreach (var (key, value) in sets.Pairs)
                    Put(key, value);
                break;
            case TcpStoreRequest.Append append:
                Put(append.Key, Joined(_values.GetValueOrDefault(append.Key), append.Value));
                break;
            case TcpStoreRequest.QueuePush push:
                Push(push.Queue, push.Value);
                break;
            case TcpStoreRequest.Wait wait:
                Wait(connection, [.. wait.Keys.Where(key => !IsPresent(key)).Distinct()]);
                break;
            case TcpStoreRequest.Barrier barrier:
                Barrier(connection, barrier);
                break;
            default:
                Say(connection, Answer(request));
                break;
        }
    }

    private TcpStoreReply Answer(TcpStoreRequest request) => request switch
    {
        TcpStoreRequest.CompareSet compare => new TcpStoreReply.Value(CompareAndSet(compare)),
        TcpStoreRequest.Get get => new TcpStoreReply.Value(_values.GetValueOrDefault(get.Key)),
        TcpStoreRequest.MultiGet gets => new TcpStoreReply.Values([.. gets.Keys.Select(key => _values.GetValueOrDefault(key))]),
        TcpStoreRequest.Add add => new TcpStoreReply.Number(Add(add.Key, add.Delta)),
        TcpStoreRequest.Check check => Signal(check.Keys.All(IsPresent) ? TcpStoreSignal.Ready : TcpStoreSignal.NotReady),
        TcpStoreRequest.CountKeys => new TcpStoreReply.Number(_values.Count),
        TcpStoreRequest.Delete delete => new TcpStoreReply.Number(Delete(delete.Key) ? 1 : 0),
        TcpStoreRequest.CancelWait => Signal(TcpStoreSignal.NotReady),
        TcpStoreRequest.Ping ping => new TcpStoreReply.Pong(ping.Nonce),
        TcpStoreRequest.QueuePop pop => Pop(pop.Queue),
        TcpStoreRequest.QueueLength length => new TcpStoreReply.Number(_queues.TryGetValue(length.Queue, out var queue) ? queue.Count : 0),
        TcpStoreRequest.ListKeys => new TcpStoreReply.Keys([.. _values.Keys.Order()]),
        TcpStoreRequest.WatchKey => Signal(TcpStoreSignal.Registered),
        _ => throw new InvariantBrokenException($"no answer to {request.GetType().Name}"),
    };

    private static TcpStoreReply.Signal Signal(TcpStoreSignal signal) => new(signal);

    private void Say(long connection, TcpStoreReply reply) => _replies.Add((connection, reply));

    private bool IsPresent(ByteString key) => _values.ContainsKey(key) || (_queues.TryGetValue(key, out var queue) && queue.Count > 0);

    private void Put(ByteString key, ByteString value)
    {
        Hold(value.Length - (_values.TryGetValue(key, out var before) ? before.Length : -key.Length));
        _values[key] = value;
        Wake(_waits.Happened(key));
    }

    private bool Delete(ByteString key)
    {
        if (!_values.Remove(key, out var value))
            return false;
        Hold(-key.Length - value.Length);
        return true;
    }

    private ByteString CompareAndSet(TcpStoreRequest.CompareSet compare)
    {
        var exists = _values.TryGetValue(compare.Key, out var value);
        if (exists ? value != compare.Expected : !compare.Expected.IsEmpty)
            return exists ? value : compare.Expected;
        if (!exists || value != compare.Desired)
            Put(compare.Key, compare.Desired);
        return compare.Desired;
    }

    private long Add(ByteString key, long delta)
    {
        var sum = unchecked((_values.TryGetValue(key, out var value) ? Numeral(key, value.Span) : 0) + delta);
        Put(key, ByteString.From(sum.ToString(CultureInfo.InvariantCulture)));
        return sum;
    }

    /// <summary>The number at the start of a text, after white space: what C's strtoll would read.</summary>
    private static long Numeral(ByteString key, ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\n\v\f\r"u8);
        if (text is [(byte)'+', >= (byte)'0' and <= (byte)'9', ..])
            text = text[1..];
        return Utf8Parser.TryParse(text, out long number, out _)
            ? number
            : throw new CodecException("TCPStore add", 0, $"the value of '{key}' is '{Encoding.UTF8.GetString(text[..Math.Min(text.Length, 32)])}', which is no number");
    }

    private void Push(ByteString name, ByteString value)
    {
        Hold(value.Length);
        if (!_queues.TryGetValue(name, out var queue))
            _queues[name] = queue = new Queue<ByteString>();
        queue.Enqueue(value);
        if (_waits.HappenedForOne(name) is { } woken)
            Wake([woken]);
    }

    private TcpStoreReply.Popped Pop(ByteString name)
    {
        if (!_queues.TryGetValue(name, out var queue))
            return new(0, default);
        var (before, oldest) = (queue.Count, queue.Dequeue());
        Hold(-oldest.Length);
        if (queue.Count == 0)
            _queues.Remove(name);
        return new(before, oldest);
    }

    private void Wait(long connection, ImmutableArray<ByteString> missing)
    {
        if (missing.IsEmpty)
            Say(connection, Signal(TcpStoreSignal.Ready));
        else
            _waits.Add(connection, missing);
    }

    /// <summary>Arrivals are counted at the key itself, as Add counts; who comes when all are there does not wait.</summary>
    private void Barrier(long connection, TcpStoreRequest.Barrier barrier)
    {
        var gate = BarrierGate(barrier.Key);
        if (Add(barrier.Key, 1) < barrier.WorldSize)
        {
            _waits.Add(connection, [gate]);
            return;
        }

        Wake(_waits.Happened(gate));
        Say(connection, Signal(TcpStoreSignal.Ready));
    }

    /// <summary>A name that no client can give: waiting at a barrier is not waiting for its key, which exists from the first arrival on.</summary>
    private static ByteString BarrierGate(ByteString key) => new([.. "\0barrier\0"u8, .. key.Span]);

    private void Wake(IReadOnlyList<long> connections)
    {
        foreach (var connection in connections)
            Say(connection, Signal(TcpStoreSignal.Ready));
    }

    private void Hold(long more)
    {
        if (more > 0 && _bytes + more > bytesMax)
            throw new CodecException("TCPStore", 0, $"it holds {_bytes} bytes, and {more} more exceed its limit of {bytesMax}");
        _bytes += more;
    }

    private static ByteString Joined(ByteString first, ByteString second)
    {
        var both = new byte[first.Length + second.Length];
        first.Span.CopyTo(both);
        second.Span.CopyTo(both.AsSpan(first.Length));
        return new(both);
    }
}
