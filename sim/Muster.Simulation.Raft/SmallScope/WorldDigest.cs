using Muster.Raft;

namespace Muster.Simulation.Raft.SmallScope;

/// <summary>128 bits of everything that decides how a small world goes on.</summary>
internal sealed class WorldDigest
{
    private ulong _low = 0x243F6A8885A308D3;
    private ulong _high = 0x13198A2E03707344;

    public UInt128 Value => new(_high, _low);

    public void Add(ulong word)
    {
        _low = (_low ^ word) * 0x9E3779B97F4A7C15;
        _low ^= _low >> 29;
        _high = (_high + word) * 0xC2B2AE3D27D4EB4F ^ _low;
        _high ^= _high >> 31;
    }

    public void Add(SimulatedMember member)
    {
        var core = member.Core!;
        Add((ulong)core.Term.Number | core.Vote.Number << 8 | (ulong)(uint)core.Role << 16 | core.Leader.Number << 24
            | (ulong)core.Committed.Number << 32 | (ulong)core.Stored.Number << 40);
        for (var index = core.Compacted.Index.Next(); index <= core.Last.Index; index = index.Next())
            Add(core.State.Log[index]);
        Add((ulong)member.Disk.Hard.Term.Number | member.Disk.Hard.Vote.Number << 16 | (ulong)member.Disk.Last.Number << 32
            | (ulong)(uint)member.ToStore.Count << 48 | (ulong)member.Disk.Hard.Committed.Number << 56);
        foreach (var progress in core.State.Members.Members)
            Add((ulong)progress.Match.Number | (ulong)progress.Next.Number << 8 | (ulong)(uint)progress.Phase << 16
                | (progress.IsPaused ? 1UL : 0) << 20 | (ulong)progress.SentCommit.Number << 24 | (ulong)(uint)progress.Window.Count << 32);
        foreach (var ready in member.ToStore)
        {
            Add(ready.AfterStored);
            Add((ulong)(uint)ready.Entries.Length | (ulong)(ready.Ticket?.Term.Number ?? 0) << 16);
        }
    }

    /// <summary>In whatever order they were sent: they may arrive in any.</summary>
    public void Add(IReadOnlyList<Message> letters)
    {
        ulong sum = 0, mixed = 0;
        foreach (var letter in letters)
        {
            var one = new WorldDigest();
            one.Add(letter);
            sum += one._low;
            mixed += one._high;
        }

        Add(sum);
        Add(mixed);
    }

    private void Add(LogEntry entry)
    {
        Add((ulong)entry.Term.Number | (ulong)entry.Index.Number << 16);
        Add(StateMachine.Mix(0, entry));
    }

    private void Add(Message letter)
    {
        Add((ulong)(uint)letter.GetType().Name.Length | letter.From.Number << 8 | letter.To.Number << 16 | (ulong)letter.Term.Number << 24);
        switch (letter)
        {
            case Message.VoteRequest m:
                Add((ulong)m.Last.Index.Number | (ulong)m.Last.Term.Number << 16 | (m.IsTransfer ? 1UL << 40 : 0));
                break;
            case Message.VoteResponse m:
                Add((m.Granted ? 1UL : 0) | (ulong)m.Committed.Index.Number << 8 | (ulong)m.Committed.Term.Number << 24);
                break;
            case Message.Append m:
                Add((ulong)m.Previous.Index.Number | (ulong)m.Previous.Term.Number << 16 | (ulong)m.Committed.Number << 32);
                foreach (var entry in m.Entries)
                    Add(entry);
                break;
            case Message.AppendResponse m:
                Add((ulong)m.Index.Number | (m.Refused ? 1UL << 16 : 0) | (ulong)m.Hint.Index.Number << 24 | (ulong)m.Hint.Term.Number << 40);
                break;
            case Message.Heartbeat m:
                Add((ulong)m.Committed.Number | (ulong)m.Round << 16);
                break;
            case Message.HeartbeatResponse m:
                Add((ulong)m.Round);
                break;
        }
    }
}
