using System.Buffers.Binary;
using Muster.Raft;

namespace Muster.Simulation.Raft;

/// <summary>A state machine whose state is a running digest of everything applied: equal states were reached by equal entries.</summary>
internal sealed class StateMachine
{
    public LogPosition At { get; private set; }

    public ulong Digest { get; private set; }

    public void Apply(LogEntry entry)
    {
        At = entry.Position;
        Digest = Mix(Digest, entry);
    }

    public void Restore(Snapshot? snapshot)
    {
        At = snapshot?.Position ?? default;
        Digest = snapshot is null || snapshot.Data.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(snapshot.Data.Span);
    }

    public Snapshot Take(Configuration configuration)
    {
        var data = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(data, Digest);
        return new(At, configuration, data);
    }

    public static ulong Mix(ulong digest, LogEntry entry)
    {
        var payload = entry.Change is null
            ? entry.Data.IsEmpty ? 1UL : BinaryPrimitives.ReadUInt64LittleEndian(entry.Data.Span)
            : 2UL + (ulong)entry.Change.Changes.Length;
        return ((digest ^ payload) * 0x9E3779B97F4A7C15UL) ^ (ulong)entry.Index.Number ^ ((ulong)entry.Term.Number << 40);
    }
}
