using Muster.Primitives;

namespace Muster.Codecs.Keyspace;

/// <summary>One version of a key as bytes.</summary>
internal static class VersionCodec
{
    public const int BytesMin = 13;

    public static void Write(RecordWriter writer, KeyValue version)
    {
        writer.Bytes(version.Key);
        writer.Bytes(version.Value);
        writer.Signed(version.Created.Number);
        writer.Fixed64((ulong)version.Modified.Number);
        writer.Signed(version.Version.Number);
        writer.Signed(version.Lease.Number);
    }

    public static KeyValue Read(ref RecordReader reader) => new(
        reader.Bytes(),
        reader.Bytes(),
        new(reader.Signed()),
        new((long)reader.Fixed64()),
        new(reader.Signed()),
        new(reader.Signed()));
}
