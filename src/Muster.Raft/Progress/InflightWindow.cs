namespace Muster.Raft;

/// <summary>The appends sent to a follower and not yet acknowledged, each by its last slot: what keeps a slow follower from being flooded.</summary>
internal sealed class InflightWindow(int messagesMax, long bytesMax)
{
    private (LogIndex Last, long Bytes)[] _ring = new (LogIndex, long)[Math.Min(messagesMax, 8)];
    private int _head;
    private long _bytes;

    public int Count { get; private set; }

    public bool IsFull => Count >= messagesMax || _bytes >= bytesMax;

    public void Add(LogIndex last, long bytes)
    {
        if (Count == _ring.Length)
            Grow();
        _ring[(_head + Count++) % _ring.Length] = (last, bytes);
        _bytes += bytes;
    }

    /// <summary>Frees what ends at or before a slot.</summary>
    public void FreeTo(LogIndex index)
    {
        while (Count > 0 && _ring[_head].Last <= index)
        {
            _bytes -= _ring[_head].Bytes;
            _head = (_head + 1) % _ring.Length;
            Count--;
        }
    }

    public void Clear()
    {
        _head = Count = 0;
        _bytes = 0;
    }

    private void Grow()
    {
        var larger = new (LogIndex, long)[_ring.Length * 2];
        for (var i = 0; i < Count; i++)
            larger[i] = _ring[(_head + i) % _ring.Length];
        _ring = larger;
        _head = 0;
    }
}
