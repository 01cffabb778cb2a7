namespace Muster.Raft;

/// <summary>A sequence of entries that grows at its end, is cut at its end, and loses its beginning to compaction.</summary>
internal sealed class EntryWindow
{
    private const int CapacityMin = 16;
    private LogEntry?[] _slots = new LogEntry?[CapacityMin];
    private int _head;

    public int Count { get; private set; }

    public LogEntry this[int at] => _slots[_head + at]!;

    public void Add(LogEntry entry)
    {
        if (_head + Count == _slots.Length)
            MakeRoom();
        _slots[_head + Count++] = entry;
    }

    public void Truncate(int count)
    {
        Array.Clear(_slots, _head + count, Count - count);
        Count = count;
    }

    public void RemoveFirst(int count)
    {
        Array.Clear(_slots, _head, count);
        _head += count;
        Count -= count;
    }

    public void Clear()
    {
        Array.Clear(_slots, _head, Count);
        _head = Count = 0;
    }

    public LogEntry[] Copy(int from, int count)
    {
        if (count == 0)
            return [];
        var copy = new LogEntry[count];
        Array.Copy(_slots, _head + from, copy, 0, count);
        return copy;
    }

    private void MakeRoom()
    {
        // Moving down costs Count; doing so only when at least half is free keeps adding cheap on average.
        var target = _head >= _slots.Length / 2 ? _slots : new LogEntry?[_slots.Length * 2];
        Array.Copy(_slots, _head, target, 0, Count);
        if (ReferenceEquals(target, _slots))
            Array.Clear(_slots, Count, _slots.Length - Count);
        _slots = target;
        _head = 0;
    }
}
