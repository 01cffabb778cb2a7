using Muster.Codecs.Keyspace;
using Muster.Raft;

namespace Muster.Codecs.Raft;

/// <summary>What a member writes to its log: one thing a record.</summary>
public abstract record RaftRecord
{
    private RaftRecord()
    {
    }

    /// <summary>Term, vote and commit index; the latest counts.</summary>
    public sealed record Hard(HardState State) : RaftRecord;

    /// <summary>An entry; replaces whatever an earlier record put in its slot and after it.</summary>
    public sealed record Entry(LogEntry LogEntry) : RaftRecord;

    /// <summary>A snapshot in the place of everything before it; the state itself lies elsewhere.</summary>
    public sealed record Installed(Snapshot Snapshot) : RaftRecord;
}

/// <summary>Records of a member's log as bytes.</summary>
/// <remarks>Format: docs/formats/raft.md. Canonical; decoding allocates at most 16 times the input.</remarks>
public static class RaftRecordCodec
{
    /// <summary>The version written, and the newest read.</summary>
    public const byte Version = 1;

    private const byte HardTag = 1, EntryTag = 2, InstalledTag = 3;

    /// <summary>A record's bytes.</summary>
    public static byte[] Encode(RaftRecord record)
    {
        var writer = new RecordWriter();
        writer.Byte(Version);
        switch (record)
        {
            case RaftRecord.Hard(var hard):
                writer.Byte(HardTag);
                writer.Number(hard.Term.Number);
                writer.Unsigned(hard.Vote.Number);
                writer.Number(hard.Committed.Number);
                break;
            case RaftRecord.Entry(var entry):
                writer.Byte(EntryTag);
                RaftParts.Write(writer, entry);
                break;
            case RaftRecord.Installed(var snapshot):
                writer.Byte(InstalledTag);
                RaftParts.Write(writer, snapshot);
                break;
        }

        return writer.Written.ToArray();
    }

    /// <summary>The record that some bytes hold, all of them.</summary>
    /// <exception cref="CodecException">They hold none, or one of a newer version.</exception>
    public static RaftRecord Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new RecordReader(bytes, 0, "raft record");
        var version = reader.Byte();
        if (version != Version)
            throw new CodecException("raft record", 0, $"the record has format version {version}; this program reads version {Version}: upgrade it");
        var tag = reader.Byte();
        RaftRecord record = tag switch
        {
            HardTag => new RaftRecord.Hard(new(new(reader.Number()), new(reader.Unsigned()), new(reader.Number()))),
            EntryTag => new RaftRecord.Entry(RaftParts.Entry(ref reader)),
            InstalledTag => new RaftRecord.Installed(RaftParts.Snapshot(ref reader)),
            _ => throw new CodecException("raft record", 1, $"a record has the unknown tag {tag}"),
        };
        reader.End();
        return record;
    }
}
