using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Codecs.Keyspace;

/// <summary>Results of commands as bytes: kept in snapshots, and sent back by whoever forwards a command.</summary>
/// <remarks>Format: docs/formats/keyspace-commands.md. Canonical, as <see cref="CommandCodec"/>.</remarks>
public static class ResultCodec
{
    /// <summary>The newest version written and read.</summary>
    public const byte Version = 2;

    private const byte TransactedTag = 1, GrantedTag = 2, RevokedTag = 3, CompactedTag = 4, RefusedTag = 5, PassedTag = 6, AuthTag = 7, AlarmTag = 8;
    private const byte RangeTag = 1, PutTag = 2, DeleteTag = 3, NestedTag = 4;
    private const int PartBytesMin = 4;

    /// <summary>A result's bytes.</summary>
    /// <exception cref="ArgumentException">Results are nested more than 256 deep.</exception>
    public static byte[] Encode(CommandResult result)
    {
        var writer = new RecordWriter();
        writer.Byte(VersionOf(result));
        Write(writer, result);
        return writer.Written.ToArray();
    }

    /// <summary>The result that some bytes hold, all of them.</summary>
    /// <exception cref="CodecException">They hold no result, or one of a newer version.</exception>
    public static CommandResult Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new RecordReader(bytes, 0);
        var version = reader.Byte();
        if (version > Version)
            throw new CodecException("keyspace command", 0, $"the result has format version {version}; this program reads version {Version}: upgrade it");
        var result = Read(ref reader);
        reader.End();
        return version == VersionOf(result) ? result : throw reader.Fail($"the result is not one of format version {version}");
    }

    /// <summary>The lowest version that can express a result.</summary>
    internal static byte VersionOf(CommandResult? result) => result is CommandResult.AuthChanged or CommandResult.AlarmSet
        or CommandResult.Refused { Refusal: > StoreRefusal.TooManyRequests } ? (byte)2 : (byte)1;

    internal static void Write(RecordWriter writer, CommandResult result)
    {
        switch (result)
        {
            case CommandResult.Transacted(var done):
                writer.Byte(TransactedTag);
                Write(writer, done, 0);
                break;
            case CommandResult.Granted(var lease, var seconds, var at):
                writer.Byte(GrantedTag);
                writer.Signed(lease.Number);
                writer.Signed(seconds);
                writer.Signed(at.Number);
                break;
            case CommandResult.Revoked(var deleted, var at):
                writer.Byte(RevokedTag);
                writer.Signed(deleted);
                writer.Signed(at.Number);
                break;
            case CommandResult.Compacted(var at):
                writer.Byte(CompactedTag);
                writer.Signed(at.Number);
                writer.Byte(0);
                break;
            case CommandResult.AuthChanged(var revision, var at):
                writer.Byte(AuthTag);
                writer.Signed(revision);
                writer.Signed(at.Number);
                break;
            case CommandResult.AlarmSet(var changed, var at):
                writer.Byte(AlarmTag);
                writer.Flag(changed);
                writer.Signed(at.Number);
                break;
            case CommandResult.Refused(var refusal):
                writer.Byte(RefusedTag);
                writer.Unsigned((ulong)refusal);
                break;
            case CommandResult.Passed(var last):
                writer.Byte(PassedTag);
                writer.Unsigned(last);
                break;
        }
    }

    internal static CommandResult Read(ref RecordReader reader)
    {
        var tag = reader.Byte();
        switch (tag)
        {
            case TransactedTag:
                return new CommandResult.Transacted(ReadTransaction(ref reader, 0));
            case GrantedTag:
                return new CommandResult.Granted(new(reader.Signed()), reader.Signed(), new(reader.Signed()));
            case RevokedTag:
                return new CommandResult.Revoked(reader.Signed(), new(reader.Signed()));
            case CompactedTag:
                var at = reader.Signed();
                return reader.Byte() == 0 ? new CommandResult.Compacted(new(at)) : throw reader.Fail("a reserved byte is not 0");
            case RefusedTag:
                var refusal = reader.Unsigned();
                return refusal <= (ulong)StoreRefusal.AuthRevisionOld
                    ? new CommandResult.Refused((StoreRefusal)refusal)
                    : throw reader.Fail($"there is no refusal {refusal}");
            case PassedTag:
                return new CommandResult.Passed(reader.Unsigned());
            case AuthTag:
                return new CommandResult.AuthChanged(reader.Signed(), new(reader.Signed()));
            case AlarmTag:
                return new CommandResult.AlarmSet(reader.Flag(), new(reader.Signed()));
            default:
                throw reader.Fail($"a result has the unknown tag {tag}");
        }
    }

    private static void Write(RecordWriter writer, TransactionResult result, int depth)
    {
        if (depth > TransactionCodec.DepthMax)
            throw new ArgumentException($"More than {TransactionCodec.DepthMax} results inside each other.", nameof(result));
        writer.Flag(result.Succeeded);
        writer.Signed(result.At.Number);
        writer.Unsigned((ulong)result.Results.Length);
        foreach (var part in result.Results)
            Write(writer, part, depth);
    }

    private static TransactionResult ReadTransaction(ref RecordReader reader, int depth)
    {
        if (depth > TransactionCodec.DepthMax)
            throw reader.Fail($"more than {TransactionCodec.DepthMax} results inside each other");
        var succeeded = reader.Flag();
        var at = new Revision(reader.Signed());
        var count = reader.Count(PartBytesMin);
        var parts = count == 0 ? [] : new OperationResult[count];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = ReadPart(ref reader, depth);
        return new(succeeded, ImmutableCollectionsMarshal.AsImmutableArray(parts), at);
    }

    private static void Write(RecordWriter writer, OperationResult part, int depth)
    {
        switch (part)
        {
            case OperationResult.Range range:
                writer.Byte(RangeTag);
                writer.Flag(range.More);
                writer.Signed(range.Count);
                writer.Signed(range.At.Number);
                Write(writer, range.Keys);
                break;
            case OperationResult.Put put:
                writer.Byte(PutTag);
                writer.Signed(put.At.Number);
                Write(writer, put.Previous is null ? [] : [put.Previous]);
                writer.Byte(0);
                break;
            case OperationResult.Delete delete:
                writer.Byte(DeleteTag);
                writer.Signed(delete.Count);
                writer.Signed(delete.At.Number);
                Write(writer, delete.Previous);
                break;
            case OperationResult.Nested nested:
                writer.Byte(NestedTag);
                var at = writer.OpenLength();
                Write(writer, nested.Result, depth + 1);
                writer.CloseLength(at);
                break;
        }
    }

    private static OperationResult ReadPart(ref RecordReader reader, int depth)
    {
        switch (reader.Byte())
        {
            case RangeTag:
                var more = reader.Flag();
                var found = reader.Signed();
                var read = new Revision(reader.Signed());
                return new OperationResult.Range(ReadKeys(ref reader), more, found, read);
            case PutTag:
                var put = new Revision(reader.Signed());
                var previous = ReadKeys(ref reader);
                if (previous.Length > 1 || reader.Byte() != 0)
                    throw reader.Fail("a put has more than one previous version, or its reserved byte is not 0");
                return new OperationResult.Put(previous.IsEmpty ? null : previous[0], put);
            case DeleteTag:
                return new OperationResult.Delete(reader.Signed(), default, new(reader.Signed())) { Previous = ReadKeys(ref reader) };
            case NestedTag:
                var end = reader.OpenLength();
                var nested = new OperationResult.Nested(ReadTransaction(ref reader, depth + 1));
                reader.CloseLength(end);
                return nested;
            case var tag:
                throw reader.Fail($"a part of a result has the unknown tag {tag}");
        }
    }

    private static void Write(RecordWriter writer, ImmutableArray<KeyValue> keys)
    {
        writer.Unsigned((ulong)keys.Length);
        foreach (var key in keys)
            VersionCodec.Write(writer, key);
    }

    private static ImmutableArray<KeyValue> ReadKeys(ref RecordReader reader)
    {
        var count = reader.Count(VersionCodec.BytesMin);
        if (count == 0)
            return [];
        var keys = new KeyValue[count];
        for (var i = 0; i < count; i++)
            keys[i] = VersionCodec.Read(ref reader);
        return ImmutableCollectionsMarshal.AsImmutableArray(keys);
    }
}
