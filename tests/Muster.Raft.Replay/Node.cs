using Muster.Primitives;

namespace Muster.Raft.Replay;

/// <summary>A member with an in-memory store, and what its storage and state machine still have to do.</summary>
internal sealed class Node
{
    private readonly List<LogEntry> _stored = [];
    private LogPosition _base;

    public Node(RaftOptions options, Snapshot? start)
    {
        Options = options;
        LatestSnapshot = start ?? new(default, Configuration.Empty, default);
        _base = start?.Position ?? default;
        var recovered = start is null
            ? Recovered.Blank
            : new Recovered(new(default, default, start.Position.Index), start, [], start.Position.Index) { MayHavePromised = false };
        Core = new(options, recovered);
    }

    public RaftOptions Options { get; }

    public RaftCore Core { get; }

    public Snapshot LatestSnapshot { get; private set; }

    public int TimeoutTicks { get; set; }

    public bool IsPipelined => Options.Storage == StorageMode.Pipelined;

    public Queue<Ready> AppendWork { get; } = [];

    public Queue<Ready> ApplyWork { get; } = [];

    public IReadOnlyList<LogEntry> Stored => _stored;

    public LogIndex StoredFirst => _base.Index.Next();

    public void Tick() => Core.Step(new Input.Tick(Instant.Origin, TimeoutTicks));

    public void Store(Ready ready)
    {
        if (ready.Snapshot is { } snapshot)
        {
            _stored.Clear();
            _base = snapshot.Position;
        }

        if (ready.Entries.Length == 0)
            return;
        _stored.RemoveAll(entry => entry.Index >= ready.Entries[0].Index);
        _stored.AddRange(ready.Entries);
    }

    /// <summary>The members of a change are in force at once; the rest is an appending state machine with a snapshot after every entry.</summary>
    public void Apply(Ready ready)
    {
        var last = ready.Committed[^1];
        Core.Step(new Input.Applied(last.Index));
        LatestSnapshot = new(last.Position, Core.Configuration, default);
        Core.Step(new Input.SnapshotTaken(LatestSnapshot));
    }

    public void Compact(LogIndex upTo)
    {
        _base = _stored.First(entry => entry.Index == upTo).Position;
        _stored.RemoveAll(entry => entry.Index <= upTo);
        Core.Step(new Input.Compact(upTo));
    }
}
