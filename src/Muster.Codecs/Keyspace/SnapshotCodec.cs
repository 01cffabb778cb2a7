using System.Buffers;
using Muster.Keyspace;

namespace Muster.Codecs.Keyspace;

/// <summary>A whole keyspace as bytes, in chunks of about 64 KiB, and back.</summary>
/// <remarks>
/// Format: docs/formats/keyspace-snapshot.md. Canonical: equal images have equal bytes, chunk by chunk, so two members' snapshots of
/// one state can be compared as files. Writing an image may go on while the machine that it was taken of changes.
/// </remarks>
public static class SnapshotCodec
{
    /// <summary>The newest version written and read; an image without users and alarms is written in version 1.</summary>
    public const byte Version = 2;

    /// <summary>A chunk's body ends with the record that makes it this long, in bytes.</summary>
    internal const int ChunkBytes = 64 * 1024;

    internal const byte HeadTag = 1, BaseTag = 2, EventTag = 3, LeaseTag = 4, RequestTag = 5, EndTag = 6, AuthTag = 7, AlarmTag = 8;

    internal static ReadOnlySpan<byte> Magic => "MUSTERKS"u8;

    /// <summary>An image's bytes, a chunk at a time; each is valid until the next is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Encode(KeyspaceImage image)
    {
        var writer = new RecordWriter();
        foreach (var b in Magic.ToArray())
            writer.Byte(b);
        writer.Byte(VersionOf(image));
        yield return Chunk(writer, HeadTag, () =>
        {
            writer.Signed(image.Revision.Number);
            writer.Signed(image.Compacted.Number);
        });
        foreach (var chunk in Section(writer, BaseTag, image.Base, VersionCodec.Write))
            yield return chunk;
        foreach (var chunk in Section(writer, EventTag, image.Events, VersionCodec.Write))
            yield return chunk;
        foreach (var chunk in Section(writer, LeaseTag, image.Leases, Write))
            yield return chunk;
        foreach (var chunk in Section(writer, RequestTag, image.Requests, Write))
            yield return chunk;
        foreach (var chunk in Section(writer, AuthTag, AuthRecord.Of(image.Auth), AuthCodec.Write))
            yield return chunk;
        foreach (var chunk in Section(writer, AlarmTag, image.Alarms, AuthCodec.Write))
            yield return chunk;
        writer.Clear();
        yield return Chunk(writer, EndTag, () => writer.Fixed64(image.StateHash()));
    }

    /// <summary>Appends an image's bytes.</summary>
    public static void Encode(KeyspaceImage image, IBufferWriter<byte> output)
    {
        foreach (var chunk in Encode(image))
            output.Write(chunk.Span);
    }

    /// <summary>The image that some bytes hold, all of them; <see cref="SnapshotDecoder"/> takes them piece by piece.</summary>
    /// <exception cref="CodecException">They hold no image, or one of a newer version.</exception>
    public static KeyspaceImage Decode(ReadOnlySpan<byte> bytes)
    {
        var decoder = new SnapshotDecoder();
        decoder.Add(bytes);
        return decoder.Finish();
    }

    /// <summary>The lowest version that can express an image.</summary>
    internal static byte VersionOf(KeyspaceImage image) =>
        !image.Auth.IsNone || !image.Alarms.IsEmpty || image.Requests.Any(request => ResultCodec.VersionOf(request.Result) > 1) ? (byte)2 : (byte)1;

    /// <summary>Where a chunk's tag stands in the order of tags.</summary>
    internal static int PlaceOf(byte tag) => tag == EndTag ? byte.MaxValue : tag;

    private static IEnumerable<ReadOnlyMemory<byte>> Section<T>(
        RecordWriter writer, byte tag, IReadOnlyList<T> records, Action<RecordWriter, T> write)
    {
        for (var next = 0; next < records.Count;)
        {
            writer.Clear();
            yield return Chunk(writer, tag, () =>
            {
                var start = writer.Length;
                while (next < records.Count && writer.Length - start < ChunkBytes)
                    write(writer, records[next++]);
            });
        }
    }

    private static ReadOnlyMemory<byte> Chunk(RecordWriter writer, byte tag, Action body)
    {
        writer.Byte(tag);
        var at = writer.OpenLength();
        body();
        writer.CloseLength(at);
        return writer.Written;
    }

    private static void Write(RecordWriter writer, LeaseTerm lease)
    {
        writer.Fixed64((ulong)lease.Lease.Number);
        writer.Signed(lease.Seconds);
    }

    private static void Write(RecordWriter writer, RememberedRequest request)
    {
        writer.Fixed64(request.Request.Client);
        writer.Unsigned(request.Request.Sequence);
        writer.Flag(request.Result is not null);
        if (request.Result is not null)
            ResultCodec.Write(writer, request.Result);
    }
}
