using Muster.Codecs.Protobuf;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>mvccpb.KeyValue and mvccpb.Event.</summary>
internal static class KeyValueCodec
{
    private const int DeleteType = 1;

    public static void Write(ProtoWriter writer, int field, KeyValue key, bool withoutValue = false)
    {
        var mark = writer.Open(field);
        writer.Bytes(1, key.Key);
        writer.Number(2, key.Created.Number);
        writer.Number(3, key.Modified.Number);
        writer.Number(4, key.Version.Number);
        if (!withoutValue)
            writer.Bytes(5, key.Value);
        writer.Number(6, key.Lease.Number);
        writer.Close(mark);
    }

    public static KeyValue Read(ProtoReader reader)
    {
        ByteString key = default, value = default;
        long created = 0, modified = 0, version = 0, lease = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: key = reader.ByteString(); break;
                case 2: created = reader.Int64(); break;
                case 3: modified = reader.Int64(); break;
                case 4: version = reader.Int64(); break;
                case 5: value = reader.ByteString(); break;
                case 6: lease = reader.Int64(); break;
                default: reader.Skip(); break;
            }
        }

        return new(key, value, new(created), new(modified), new(version), new(lease));
    }

    public static void Write(ProtoWriter writer, int field, WatchEvent change)
    {
        var mark = writer.Open(field);
        writer.Number(1, change.IsDelete ? DeleteType : 0L);
        Write(writer, 2, change.Key);
        if (change.Previous is { } previous)
            Write(writer, 3, previous);
        writer.Close(mark);
    }

    public static WatchEvent ReadEvent(ProtoReader reader)
    {
        var (type, key, previous) = (0, (KeyValue?)null, (KeyValue?)null);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: type = reader.Enum(); break;
                case 2: key = Read(reader.Message()); break;
                case 3: previous = Read(reader.Message()); break;
                default: reader.Skip(); break;
            }
        }

        if (key is null || type is < 0 or > DeleteType || key.Version.Number == 0 != (type == DeleteType))
            throw reader.Fail("an event is neither a put of a key with a version nor a delete of one without");
        return new(key, previous);
    }
}
