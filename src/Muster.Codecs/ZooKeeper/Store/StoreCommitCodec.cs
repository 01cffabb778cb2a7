using System.Collections.Immutable;
using Muster.Codecs.Keyspace;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Codecs.ZooKeeper.Store;

/// <summary>What the nodes of a store kept in ZooKeeper hold.</summary>
/// <remarks>Format: docs/formats/zookeeper-store.md.</remarks>
public static class StoreCommitCodec
{
    /// <summary>The version written, and the newest read.</summary>
    public const byte Version = 1;

    /// <summary>Values up to so many bytes are written into the commit too, so that others need not read the key's own node; 8 KiB.</summary>
    public const int InlineBytesMax = 8 * 1024;

    /// <summary>A commit's bytes.</summary>
    public static byte[] Encode(StoreCommit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        var writer = Begin();
        writer.Signed(commit.Ordinal);
        writer.Fixed64(commit.Writer);
        writer.Signed(commit.Revision.Number);
        writer.Unsigned((ulong)commit.Keys.Length);
        foreach (var key in commit.Keys)
        {
            var apart = key.Value.Length > InlineBytesMax;
            writer.Flag(apart);
            VersionCodec.Write(writer, apart ? key with { Value = default } : key);
        }

        writer.Unsigned((ulong)commit.Granted.Length);
        foreach (var lease in commit.Granted)
            WriteLease(writer, lease);
        writer.Unsigned((ulong)commit.Ended.Length);
        foreach (var lease in commit.Ended)
            writer.Signed(lease.Number);
        writer.Unsigned((ulong)commit.Requests.Length);
        foreach (var request in commit.Requests)
            WriteRequest(writer, request);
        writer.Unsigned((ulong)commit.Forgotten.Length);
        foreach (var client in commit.Forgotten)
            writer.Fixed64(client);
        return writer.Written.ToArray();
    }

    /// <summary>Reads a commit.</summary>
    /// <exception cref="CodecException">The bytes are no commit, or one of a newer version.</exception>
    public static ReadCommit Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = Open(bytes);
        var commit = new StoreCommit(reader.Signed(), reader.Fixed64(), new Revision(reader.Signed()));
        var keys = new CommittedKey[reader.Count(1 + VersionCodec.BytesMin)];
        for (var i = 0; i < keys.Length; i++)
        {
            var apart = reader.Flag();
            keys[i] = new(VersionCodec.Read(ref reader), apart);
        }

        var granted = new LeaseTerm[reader.Count(2)];
        for (var i = 0; i < granted.Length; i++)
            granted[i] = ReadLease(ref reader);
        var ended = new LeaseId[reader.Count(1)];
        for (var i = 0; i < ended.Length; i++)
            ended[i] = new(reader.Signed());
        var requests = new RememberedRequest[reader.Count(10)];
        for (var i = 0; i < requests.Length; i++)
            requests[i] = ReadRequest(ref reader);
        var forgotten = new ulong[reader.Count(8)];
        for (var i = 0; i < forgotten.Length; i++)
            forgotten[i] = reader.Fixed64();
        reader.End();
        return new(commit with { Granted = [.. granted], Ended = [.. ended], Requests = [.. requests], Forgotten = [.. forgotten] }, [.. keys]);
    }

    /// <summary>The node of a key.</summary>
    public static byte[] EncodeKey(KeyValue key)
    {
        var writer = Begin();
        VersionCodec.Write(writer, key);
        return writer.Written.ToArray();
    }

    /// <summary>Reads the node of a key.</summary>
    /// <exception cref="CodecException">The bytes are no key, or one of a newer version.</exception>
    public static KeyValue DecodeKey(ReadOnlySpan<byte> bytes)
    {
        var reader = Open(bytes);
        var key = VersionCodec.Read(ref reader);
        reader.End();
        return key;
    }

    /// <summary>The node of a lease.</summary>
    public static byte[] EncodeLease(LeaseTerm lease)
    {
        var writer = Begin();
        WriteLease(writer, lease);
        return writer.Written.ToArray();
    }

    /// <summary>Reads the node of a lease.</summary>
    /// <exception cref="CodecException">The bytes are no lease, or one of a newer version.</exception>
    public static LeaseTerm DecodeLease(ReadOnlySpan<byte> bytes)
    {
        var reader = Open(bytes);
        var lease = ReadLease(ref reader);
        reader.End();
        return lease;
    }

    /// <summary>The node of a client's last request.</summary>
    /// <param name="order">Grows with every request applied.</param>
    /// <param name="request">The request.</param>
    public static byte[] EncodeRequest(long order, RememberedRequest request)
    {
        var writer = Begin();
        writer.Signed(order);
        WriteRequest(writer, request);
        return writer.Written.ToArray();
    }

    /// <summary>Reads the node of a client's last request.</summary>
    /// <exception cref="CodecException">The bytes are no request, or one of a newer version.</exception>
    public static (long Order, RememberedRequest Request) DecodeRequest(ReadOnlySpan<byte> bytes)
    {
        var reader = Open(bytes);
        var order = reader.Signed();
        var request = ReadRequest(ref reader);
        reader.End();
        return (order, request);
    }

    /// <summary>The node that names the store.</summary>
    public static byte[] EncodeCluster(ClusterId cluster)
    {
        var writer = Begin();
        writer.Fixed64(cluster.Number);
        return writer.Written.ToArray();
    }

    /// <summary>Reads the node that names the store.</summary>
    /// <exception cref="CodecException">The bytes are no name, or one of a newer version.</exception>
    public static ClusterId DecodeCluster(ReadOnlySpan<byte> bytes)
    {
        var reader = Open(bytes);
        var cluster = new ClusterId(reader.Fixed64());
        reader.End();
        return cluster;
    }

    private static RecordWriter Begin()
    {
        var writer = new RecordWriter();
        writer.Byte(Version);
        return writer;
    }

    private static RecordReader Open(ReadOnlySpan<byte> bytes)
    {
        var reader = new RecordReader(bytes, 0);
        var version = reader.Byte();
        return version == Version
            ? reader
            : throw new CodecException("ZooKeeper store", 0, $"a node has format version {version}; this program reads version {Version}: upgrade it");
    }

    private static void WriteLease(RecordWriter writer, LeaseTerm lease)
    {
        writer.Signed(lease.Lease.Number);
        writer.Signed(lease.Seconds);
    }

    private static LeaseTerm ReadLease(ref RecordReader reader) => new(new(reader.Signed()), reader.Signed());

    private static void WriteRequest(RecordWriter writer, RememberedRequest request)
    {
        writer.Fixed64(request.Request.Client);
        writer.Unsigned(request.Request.Sequence);
        writer.Flag(request.Result is not null);
        if (request.Result is { } result)
            ResultCodec.Write(writer, result);
    }

    private static RememberedRequest ReadRequest(ref RecordReader reader)
    {
        var id = new RequestId(reader.Fixed64(), reader.Unsigned());
        return new(id, reader.Flag() ? ResultCodec.Read(ref reader) : null);
    }
}
