using Muster.Raft;

namespace Muster.Simulation.Raft;

/// <summary>One thing written to a member's disk.</summary>
internal abstract record DiskRecord
{
    private DiskRecord()
    {
    }

    internal sealed record Hard(HardState State) : DiskRecord;

    internal sealed record Entry(LogEntry LogEntry) : DiskRecord;

    /// <summary>A snapshot from the leader: the log begins after it.</summary>
    internal sealed record Installed(Snapshot Snapshot) : DiskRecord;

    /// <summary>A snapshot of this member's own: the log stays.</summary>
    internal sealed record Taken(Snapshot Snapshot) : DiskRecord;
}

/// <summary>A log-structured disk: what was written is durable after a sync; a crash keeps a random beginning of the rest.</summary>
internal sealed class MemberDisk
{
    private readonly Queue<DiskRecord> _unsynced = [];
    private readonly List<LogEntry> _entries = [];
    private HardState _hard;

    /// <summary>Durable.</summary>
    public HardState Hard => _hard;

    /// <summary>Durable.</summary>
    public Snapshot? Snapshot { get; private set; }

    /// <summary>The last durable entry, the snapshot's if there is none.</summary>
    public LogIndex Last => _entries.Count > 0 ? _entries[^1].Index : Snapshot?.Position.Index ?? LogIndex.None;

    public void Write(DiskRecord record) => _unsynced.Enqueue(record);

    public void Sync()
    {
        while (_unsynced.TryDequeue(out var record))
            Keep(record);
    }

    /// <summary>Loses what was not synced, but for a beginning of it.</summary>
    public int Crash(int survivors)
    {
        for (var i = 0; i < survivors && _unsynced.TryDequeue(out var record); i++)
            Keep(record);
        var lost = _unsynced.Count;
        _unsynced.Clear();
        return lost;
    }

    public int UnsyncedCount => _unsynced.Count;

    public Recovered Recover() => new(_hard, Snapshot, [.. _entries], Snapshot?.Position.Index ?? LogIndex.None);

    /// <summary>Whether an entry, or something that stands for it, is durable.</summary>
    public bool Holds(LogPosition position)
    {
        if (Snapshot is { } snapshot && position.Index <= snapshot.Position.Index)
            return position.Index < snapshot.Position.Index || position.Term == snapshot.Position.Term;
        var at = Find(position.Index);
        return at >= 0 && _entries[at].Term == position.Term;
    }

    private int Find(LogIndex index)
    {
        if (_entries.Count == 0)
            return -1;
        var at = index - _entries[0].Index;
        return at >= 0 && at < _entries.Count ? (int)at : -1;
    }

    private void Keep(DiskRecord record)
    {
        switch (record)
        {
            case DiskRecord.Hard(var state):
                _hard = state;
                break;
            case DiskRecord.Entry(var entry):
                if (Find(entry.Index) is var at and >= 0)
                    _entries.RemoveRange(at, _entries.Count - at);
                _entries.Add(entry);
                break;
            case DiskRecord.Installed(var snapshot):
                Snapshot = snapshot;
                _entries.Clear();
                break;
            case DiskRecord.Taken(var snapshot):
                if (snapshot.Position.Index <= (Snapshot?.Position.Index ?? LogIndex.None))
                    break;
                Snapshot = snapshot;
                _entries.RemoveAll(entry => entry.Index <= snapshot.Position.Index);
                break;
        }
    }
}
