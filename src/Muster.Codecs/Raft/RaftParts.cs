using System.Collections.Immutable;
using Muster.Codecs.Keyspace;
using Muster.Primitives;
using Muster.Raft;

namespace Muster.Codecs.Raft;

/// <summary>What the formats of log records and of messages between members share.</summary>
internal static class RaftParts
{
    // Smallest bytes of a part: counts are checked against what remains before anything is allocated.
    private const int MemberBytesMin = 1, StepBytesMin = 2, EntryBytesMin = 4;

    public static void Number(this RecordWriter writer, long value) => writer.Unsigned((ulong)value);

    public static long Number(this ref RecordReader reader)
    {
        var value = reader.Unsigned();
        return value <= long.MaxValue ? (long)value : throw reader.Fail($"{value} is beyond every term and slot");
    }

    public static void Write(RecordWriter writer, LogPosition position)
    {
        writer.Number(position.Term.Number);
        writer.Number(position.Index.Number);
    }

    public static LogPosition Position(ref RecordReader reader) => new(new(reader.Number()), new(reader.Number()));

    public static void Write(RecordWriter writer, MemberSet members)
    {
        writer.Unsigned((ulong)members.Count);
        foreach (var member in members)
            writer.Unsigned(member.Number);
    }

    public static MemberSet Members(ref RecordReader reader)
    {
        var members = new MemberId[reader.Count(MemberBytesMin)];
        for (var i = 0; i < members.Length; i++)
        {
            members[i] = new(reader.Unsigned());
            if (!members[i].IsSome || (i > 0 && !(members[i] > members[i - 1])))
                throw reader.Fail("members are not in ascending order, each once");
        }

        return MemberSet.Of(members);
    }

    public static void Write(RecordWriter writer, Configuration configuration)
    {
        Write(writer, configuration.Voters);
        Write(writer, configuration.Outgoing);
        Write(writer, configuration.Learners);
        Write(writer, configuration.LearnersNext);
        writer.Flag(configuration.LeaveAutomatically);
    }

    public static Configuration Configuration(ref RecordReader reader) =>
        new(Members(ref reader), Members(ref reader), Members(ref reader), Members(ref reader), reader.Flag());

    public static void Write(RecordWriter writer, ConfigurationChange change)
    {
        writer.Byte((byte)change.Transition);
        writer.Unsigned((ulong)change.Changes.Length);
        foreach (var step in change.Changes)
        {
            writer.Byte((byte)step.Kind);
            writer.Unsigned(step.Member.Number);
        }

        writer.Bytes(ByteString.Copy(change.Context.Span));
    }

    public static ConfigurationChange Change(ref RecordReader reader)
    {
        var transition = reader.Byte();
        if (transition > (byte)Transition.JointExplicit)
            throw reader.Fail($"a change of membership has the unknown transition {transition}");
        var steps = new MemberChange[reader.Count(StepBytesMin)];
        for (var i = 0; i < steps.Length; i++)
        {
            var kind = reader.Byte();
            if (kind > (byte)MemberChangeKind.Update)
                throw reader.Fail($"a step of a change of membership has the unknown kind {kind}");
            steps[i] = new((MemberChangeKind)kind, new(reader.Unsigned()));
        }

        return new([.. steps], (Transition)transition, reader.Bytes().Memory);
    }

    public static void Write(RecordWriter writer, ReadOnlyMemory<byte> data, ConfigurationChange? change)
    {
        writer.Flag(change is not null);
        if (change is null)
            writer.Bytes(ByteString.Copy(data.Span));
        else
            Write(writer, change);
    }

    public static Proposal Content(ref RecordReader reader) =>
        reader.Flag() ? new(default, Change(ref reader)) : new(reader.Bytes().Memory);

    public static void Write(RecordWriter writer, LogEntry entry)
    {
        Write(writer, entry.Position);
        Write(writer, entry.Data, entry.Change);
    }

    public static LogEntry Entry(ref RecordReader reader)
    {
        var position = Position(ref reader);
        var content = Content(ref reader);
        return new(position.Term, position.Index, content.Data, content.Change);
    }

    public static ImmutableArray<LogEntry> Entries(ref RecordReader reader, LogPosition after)
    {
        var entries = new LogEntry[reader.Count(EntryBytesMin)];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = Entry(ref reader);
            if (entries[i].Index != after.Index + (i + 1))
                throw reader.Fail($"entry {entries[i].Index} does not follow {after.Index + i}");
        }

        return [.. entries];
    }

    public static void Write(RecordWriter writer, Snapshot snapshot)
    {
        Write(writer, snapshot.Position);
        Write(writer, snapshot.Configuration);
        writer.Bytes(ByteString.Copy(snapshot.Data.Span));
    }

    public static Snapshot Snapshot(ref RecordReader reader) =>
        new(Position(ref reader), Configuration(ref reader), reader.Bytes().Memory);
}
