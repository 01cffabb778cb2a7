using System.Diagnostics;

namespace Muster.Worker.Collectives;

/// <summary>Notices the death of any rank, and makes all ranks name the same culprit.</summary>
/// <remarks>
/// A thread per group sits on the connections of the meeting, a star around rank 0. The kernel closes them when a process
/// dies; rank 0 passes on who died, who left and who gave up. The first verdict stands: what follows are its consequences.
/// </remarks>
internal sealed unsafe class PeerWatch : IDisposable
{
    private static readonly TimeSpan AnnouncementMax = TimeSpan.FromMilliseconds(250);

    private readonly int _rank;
    private readonly int _worldSize;
    private readonly long _generation;
    private readonly ControlLink[] _links;
    private readonly TimeSpan? _heartbeat;
    private readonly Libc.PollEntry[] _entries;
    private readonly int _wake;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _announced = new();
    private long _verdict;   // 0 = none, else reason << 32 | rank
    private bool _told;
    private bool _leaving;
    private long _sequence;
    private int _waitingOn = -1;
    private long _lastBeat;

    /// <remarks>Heartbeat: how often ranks tell how far they are; null: never (shared memory shows it).</remarks>
    public PeerWatch(int rank, int worldSize, long generation, ControlLink[] links, TimeSpan? heartbeat)
    {
        _rank = rank;
        _worldSize = worldSize;
        _generation = generation;
        _links = links;
        _heartbeat = heartbeat;
        _entries = new Libc.PollEntry[links.Length + 1];
        Peers = new PeerStatus(rank, worldSize);
        _wake = Libc.EventDescriptor(0, 0x80000 | 0x800);   // close on exec, non-blocking
        if (_wake < 0)
            throw new IOException("eventfd failed: the process may be out of file descriptors (ulimit -n).");
        _thread = new Thread(Watch, maxStackSize: 256 * 1024) { IsBackground = true, Name = "muster collectives watch" };
    }

    public PeerStatus Peers { get; }

    /// <summary>Called on the watch's thread when there is a verdict: wakes a caller that sleeps elsewhere.</summary>
    public Action? Wake { get; set; }

    /// <summary>How long a rank may be silent before it counts as stopped.</summary>
    public TimeSpan Silence => (_heartbeat ?? TimeSpan.FromSeconds(1)) * 5;

    public void Start() => _thread.Start();

    /// <summary>Tells the watch which call the caller is in.</summary>
    public void Entering(long sequence)
    {
        ThrowIfOver();
        Volatile.Write(ref _sequence, sequence);
    }

    /// <summary>Tells the watch whom the caller waits for; −1 = nobody.</summary>
    public void Waiting(int peer) => Volatile.Write(ref _waitingOn, peer);

    public void ThrowIfOver()
    {
        if (Volatile.Read(ref _verdict) is var verdict and not 0)
            throw Explain(verdict);
    }

    /// <summary>Gives a verdict (unless there is one), tells everybody, and returns the exception to throw.</summary>
    public CollectiveException Fail(CollectiveFailure reason, int blamed, string story)
    {
        var mine = Declare(reason, blamed);
        Kick();
        _announced.Wait(AnnouncementMax);   // a process that ends now would otherwise be blamed itself
        return mine ? new CollectiveException(reason, blamed, story + After) : Explain(Volatile.Read(ref _verdict));
    }

    /// <summary>A data connection to the peer broke: waits briefly for the true story, which comes over the control links.</summary>
    public CollectiveException Lost(int peer, string doing)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < AnnouncementMax; Thread.Sleep(2))
        {
            ThrowIfOver();
            if (Peers.HasLeft(peer))
                return Fail(CollectiveFailure.PeerLeft, peer, $"rank {peer} disposed its group before {doing} was complete");
        }

        return Fail(CollectiveFailure.PeerDied, peer, $"the connection to rank {peer} broke during {doing}");
    }

    /// <summary>Says goodbye and ends the thread. After this no verdict is ever given.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _leaving, true);
        if (_thread.IsAlive)
        {
            Kick();
            _thread.Join();
        }

        foreach (var link in _links)
            link.Dispose();
        _ = Libc.Close(_wake);
        _announced.Dispose();
    }

    private string After => $" (generation {_generation}, seen by rank {_rank}); the group is over: dispose it and form a new generation";

    private CollectiveException Explain(long verdict)
    {
        var (reason, blamed) = ((CollectiveFailure)(verdict >> 32), (int)verdict);
        var story = reason switch
        {
            CollectiveFailure.PeerDied => $"rank {blamed} died: its connection closed",
            CollectiveFailure.PeerSlow => $"rank {blamed} did not do its part of a call in time, as another rank found",
            CollectiveFailure.PeerLeft => $"rank {blamed} disposed its group while others still needed it",
            _ => $"rank {blamed} disagrees with the others about a call ({reason}), as another rank found",
        };
        return new CollectiveException(reason, blamed, story + After);
    }

    public bool Declare(CollectiveFailure reason, int blamed) =>
        Interlocked.CompareExchange(ref _verdict, ((long)reason << 32) | (uint)blamed, 0) == 0;

    private void Kick()
    {
        var one = 1L;
        _ = Libc.Write(_wake, &one, sizeof(long));
    }

    private void Watch()
    {
        while (true)
        {
            WaitForNews();
            foreach (var link in _links)
                Read(link);
            Announce();
            if (Volatile.Read(ref _leaving))
                break;
            Beat();
        }

        foreach (var link in _links)
            link.Post(ControlMessage.Of(ControlKind.Left, _rank));
    }

    private void WaitForNews()
    {
        for (var i = 0; i < _links.Length; i++)
        {
            _entries[i].Descriptor = _links[i].Closed ? -1 : _links[i].Descriptor;
            _entries[i].Events = (short)(Libc.PollIn | (_links[i].HasMoreToSend ? Libc.PollOut : 0));
        }

        _entries[_links.Length].Descriptor = _wake;
        _entries[_links.Length].Events = Libc.PollIn;
        fixed (Libc.PollEntry* entries = _entries)
            _ = Libc.Poll(entries, (nuint)_entries.Length, _heartbeat is { } beat ? (int)Math.Max(1, beat.TotalMilliseconds / 2) : -1);
        var counter = 0L;
        _ = Libc.Read(_wake, &counter, sizeof(long));
    }

    private void Read(ControlLink link)
    {
        if (link.Closed)
            return;
        link.Flush();
        while (link.TryTake(out var message))
        {
            if (message.Magic == ControlMessage.Mark && (uint)message.Rank < (uint)_worldSize)
                Handle(message, link);
        }

        if (link.Closed && !Peers.HasLeft(link.Peer))
            Declare(CollectiveFailure.PeerDied, link.Peer);
    }

    private void Handle(in ControlMessage message, ControlLink from)
    {
        switch (message.Kind)
        {
            case ControlKind.Status:
                Peers.Heard(message);
                break;
            case ControlKind.Left:
                Peers.MarkLeft(message.Rank);
                if (_rank == 0)
                    Tell(message, from);
                Wake?.Invoke();
                break;
            case ControlKind.Abort:
                Declare(message.Reason, message.Rank);   // announced below: by rank 0 to all, by others to rank 0
                break;
        }
    }

    private void Announce()
    {
        var verdict = Volatile.Read(ref _verdict);
        if (verdict == 0 || _told)
            return;
        _told = true;
        var message = ControlMessage.Of(ControlKind.Abort, (int)verdict);
        message.Reason = (CollectiveFailure)(verdict >> 32);
        Tell(message, except: null);
        _announced.Set();
        Wake?.Invoke();
    }

    private void Beat()
    {
        if (_heartbeat is not { } beat || Stopwatch.GetElapsedTime(_lastBeat) < beat)
            return;
        _lastBeat = Stopwatch.GetTimestamp();
        var own = ControlMessage.Of(ControlKind.Status, _rank);
        own.Sequence = Volatile.Read(ref _sequence);
        own.WaitingOn = Volatile.Read(ref _waitingOn);
        Tell(own, except: null);
        for (var other = 1; _rank == 0 && other < _worldSize; other++)
        {
            if (Peers.SilentFor(other) <= beat * 2)
                Tell(Peers.Message(other), except: null);
        }
    }

    private void Tell(in ControlMessage message, ControlLink? except)
    {
        foreach (var link in _links)
        {
            if (link != except)
                link.Post(message);
        }
    }
}
