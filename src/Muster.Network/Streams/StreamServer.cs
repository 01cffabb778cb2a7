using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Muster.Codecs;
using Muster.Runtime;

namespace Muster.Network.Streams;

/// <summary>Serves a protocol of plain bytes to many connections on one thread.</summary>
/// <remarks>
/// For protocols whose requests are small and cost less than a change of threads. Bounds are in <see cref="StreamServerLimits"/>; whoever breaks one
/// is closed and the others do not notice: nothing is ever waited for.
/// </remarks>
public sealed class StreamServer : IStreamOutput, IDisposable
{
    /// <summary>Read at once from one socket.</summary>
    internal const int ReadBytes = 64 * 1024;

    private const int TickMilliseconds = 1000;

    // Clients that send a request in pieces send the next one at once: asking again is cheaper than waiting to be told.
    private const int ReadsOfOneRequestMax = 8;

    private readonly IStreamService _service;
    private readonly StreamServerLimits _limits;
    private readonly Socket _listener;
    private readonly Thread _thread;
    private readonly int _epoll = Epoll.Create();
    private readonly int _signal = Epoll.CreateSignal();
    private readonly Dictionary<int, StreamConnection> _byDescriptor = [];
    private readonly Dictionary<long, StreamConnection> _byId = [];
    private readonly Queue<StreamConnection> _silent = new();
    private readonly HashSet<StreamConnection> _touched = [];
    private readonly List<StreamConnection> _flushing = [];
    private readonly ArrayBufferWriter<byte> _nowhere = new();
    private readonly byte[] _room = new byte[ReadBytes];
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _lastId;
    private long _buffered;
    private volatile bool _ending;

    /// <summary>Begins to listen and to serve.</summary>
    /// <param name="endPoint">Where; port 0 takes a free one. <see cref="IPAddress.IPv6Any"/> serves IPv4 too.</param>
    /// <param name="service">What the bytes mean; called on the server's thread alone.</param>
    /// <param name="limits">Null: the defaults.</param>
    /// <exception cref="TransportException">The address is in use or not ours.</exception>
    public StreamServer(IPEndPoint endPoint, IStreamService service, StreamServerLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        (_service, _limits) = (service, limits ?? new StreamServerLimits());
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            _listener.DualMode = endPoint.Address.Equals(IPAddress.IPv6Any);
        try
        {
            _listener.Bind(endPoint);
            _listener.Listen(_limits.Backlog);
        }
        catch (SocketException refused)
        {
            _listener.Dispose();
            CloseDescriptors();
            throw new TransportException(endPoint.ToString(), refused.Message);
        }

        Epoll.Control(_epoll, Epoll.Add, ListenerDescriptor, Epoll.Readable);
        Epoll.Control(_epoll, Epoll.Add, _signal, Epoll.Readable);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _thread = new Thread(Run) { Name = $"stream-server-{EndPoint.Port}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    private int ListenerDescriptor => (int)_listener.SafeHandle.DangerousGetHandle();

    private long Now => (long)Stopwatch.GetElapsedTime(_started).TotalMilliseconds;

    /// <summary>Closes every connection and waits for the thread to end.</summary>
    public void Dispose()
    {
        if (_ending)
            return;
        _ending = true;
        Epoll.Signal(_signal);
        _thread.Join();
        _listener.Dispose();
        CloseDescriptors();
    }

    IBufferWriter<byte> IStreamOutput.To(long connection)
    {
        if (!_byId.TryGetValue(connection, out var found))
        {
            _nowhere.ResetWrittenCount();
            return _nowhere;
        }

        _touched.Add(found);
        return found.Output;
    }

    private void Run()
    {
        var events = new byte[16 * 1024];
        var ready = (Action<int, uint>)OnReady;
        while (!_ending)
        {
            Epoll.Wait(_epoll, events, TickMilliseconds, ready);
            CloseSilent();
        }

        foreach (var connection in _byId.Values.ToList())
            Close(connection, "the server ends");
    }

    private void OnReady(int descriptor, uint events)
    {
        if (descriptor == ListenerDescriptor)
        {
            Accept();
            return;
        }

        if (!_byDescriptor.TryGetValue(descriptor, out var connection))
            return;
        if ((events & Epoll.Writable) != 0)
            Flush(connection);
        if ((events & (Epoll.Readable | Epoll.HungUp | Epoll.Broken)) != 0)
        {
            for (var reads = 0; reads < ReadsOfOneRequestMax && _byId.ContainsKey(connection.Id) && Read(connection);)
                reads++;
        }

        FlushTouched();
    }

    private void Accept()
    {
        while (true)
        {
            var (descriptor, error) = Epoll.Accept(ListenerDescriptor);
            if (descriptor < 0)
            {
                // Out of descriptors: the connection stays in the backlog, and the loop must not spin on it.
                if (error is Epoll.TooManyFiles or Epoll.TooManyFilesInSystem)
                    Thread.Sleep(10);
                return;
            }

            if (_byId.Count >= _limits.ConnectionsMax)
            {
                _ = Libc.Close(descriptor);
                continue;
            }

            Epoll.Configure(descriptor);
            var connection = new StreamConnection(++_lastId, descriptor, Now);
            _byDescriptor[descriptor] = _byId[connection.Id] = connection;
            _silent.Enqueue(connection);
            Epoll.Control(_epoll, Epoll.Add, descriptor, Epoll.Readable);
            _service.Opened(connection.Id);
        }
    }

    /// <returns>Whether a request is incomplete, so that more is likely to have arrived meanwhile.</returns>
    private bool Read(StreamConnection connection)
    {
        var (count, error) = Epoll.Receive(connection.Descriptor, _room);
        if (count < 0 && error is Epoll.Again or Epoll.Interrupted)
            return false;
        if (count <= 0)
        {
            Close(connection, count == 0 ? "the client closed it" : $"receiving failed with error {error}");
            return false;
        }

        connection.HasSpoken = true;
        try
        {
            Hand(connection, _room.AsSpan(0, count));
        }
        catch (CodecException refused)
        {
            Close(connection, refused.Message);
        }

        return !connection.Input.IsEmpty;
    }

    private void Hand(StreamConnection connection, ReadOnlySpan<byte> arrived)
    {
        var kept = connection.Input.Length > 0;
        if (kept)
            connection.Keep(arrived);
        var all = kept ? connection.Input : arrived;
        var consumed = 0;
        if (all.Length >= connection.Wanted)
            (consumed, connection.Wanted) = _service.Received(connection.Id, all, this);
        if (kept)
            connection.Consumed(consumed);
        else if (consumed < arrived.Length)
            connection.Keep(arrived[consumed..]);
        Account(connection);
        if (_buffered > _limits.BufferedBytesMax && connection.Buffered > 0)
            Close(connection, $"all clients together have more than {nameof(StreamServerLimits.BufferedBytesMax)} {_limits.BufferedBytesMax} bytes waiting");
    }

    private void Account(StreamConnection connection)
    {
        _buffered += connection.Buffered - connection.Accounted;
        connection.Accounted = connection.Buffered;
    }

    private void FlushTouched()
    {
        while (_touched.Count > 0)
        {
            _flushing.Clear();
            _flushing.AddRange(_touched);
            _touched.Clear();
            foreach (var connection in _flushing)
            {
                if (_byId.ContainsKey(connection.Id) && !connection.AwaitsWritable)
                    Flush(connection);
            }
        }
    }

    private void Flush(StreamConnection connection)
    {
        while (connection.OutputSent < connection.Output.WrittenCount)
        {
            var (count, error) = Epoll.Send(connection.Descriptor, connection.Output.WrittenSpan[connection.OutputSent..]);
            if (count >= 0)
            {
                connection.OutputSent += count;
                continue;
            }

            if (error == Epoll.Interrupted)
                continue;
            Account(connection);
            if (error != Epoll.Again)
                Close(connection, $"sending failed with error {error}");
            else if (connection.Output.WrittenCount - connection.OutputSent > _limits.OutputBytesMax)
                Close(connection, $"it leaves more than {nameof(StreamServerLimits.OutputBytesMax)} {_limits.OutputBytesMax} bytes unread");
            else
                Await(connection, writable: true);
            return;
        }

        connection.Sent();
        Account(connection);
        Await(connection, writable: false);
    }

    private void Await(StreamConnection connection, bool writable)
    {
        if (connection.AwaitsWritable == writable)
            return;
        connection.AwaitsWritable = writable;
        Epoll.Control(_epoll, Epoll.Modify, connection.Descriptor, writable ? Epoll.Readable | Epoll.Writable : Epoll.Readable);
    }

    private void CloseSilent()
    {
        while (_silent.TryPeek(out var oldest) && (oldest.HasSpoken || Now - oldest.Since > _limits.FirstByte.TotalMilliseconds))
        {
            _silent.Dequeue();
            if (!oldest.HasSpoken && _byId.ContainsKey(oldest.Id))
                Close(oldest, $"it said nothing within {_limits.FirstByte}");
        }
    }

    private void Close(StreamConnection connection, string reason)
    {
        _byId.Remove(connection.Id);
        _byDescriptor.Remove(connection.Descriptor);
        _touched.Remove(connection);
        _buffered -= connection.Accounted;
        connection.Dispose();
        _service.Closed(connection.Id, reason);
    }

    private void CloseDescriptors()
    {
        _ = Libc.Close(_epoll);
        _ = Libc.Close(_signal);
    }
}
