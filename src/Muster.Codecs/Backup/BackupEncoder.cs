using System.Buffers.Binary;
using System.Security.Cryptography;
using Muster.Codecs.Keyspace;
using Muster.Codecs.Log;

namespace Muster.Codecs.Backup;

/// <summary>A whole store as the bytes of one file.</summary>
/// <remarks>Format: docs/formats/backup.md. Writing may go on while the store that the image was taken of changes.</remarks>
public static class BackupEncoder
{
    /// <summary>Bytes that <see cref="Encode"/> will give; it reads the whole image.</summary>
    public static long Length(Backup backup)
    {
        var content = (long)Backup.HeadBytes;
        foreach (var piece in SnapshotCodec.Encode(backup.Image))
            content += piece.Length;
        var blocks = (content + SnapshotBlock.ContentBytes - 1) / SnapshotBlock.ContentBytes;
        var end = SnapshotHeader.Bytes + content + (blocks + 1) * SnapshotBlock.HeaderBytes + SnapshotBlock.TrailerBytes;
        return end + Padding(end) + Backup.DigestBytes;
    }

    /// <summary>The file's bytes in pieces of at most 257 KiB; each is valid until the next is asked for.</summary>
    /// <param name="salt">Drawn by chance for this file.</param>
    /// <param name="backup">What.</param>
    public static IEnumerable<ReadOnlyMemory<byte>> Encode(ulong salt, Backup backup)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = 0L;
        foreach (var piece in Blocks(salt, backup))
        {
            digest.AppendData(piece.Span);
            length += piece.Length;
            yield return piece;
        }

        var padding = new byte[Padding(length)];
        digest.AppendData(padding);
        yield return padding;
        yield return digest.GetHashAndReset();
    }

    internal static int Padding(long length) => (int)((Backup.PageBytes - length % Backup.PageBytes) % Backup.PageBytes);

    private static IEnumerable<ReadOnlyMemory<byte>> Blocks(ulong salt, Backup backup)
    {
        var head = new byte[SnapshotHeader.Bytes];
        new SnapshotHeader(salt, RecordNumber.None).Write(head);
        yield return head;
        var offset = (long)SnapshotHeader.Bytes;
        var trailer = new SnapshotTrailer(0, 0);
        var block = new byte[SnapshotBlock.HeaderBytes + SnapshotBlock.ContentBytes];
        var filled = 0;
        foreach (var piece in Content(backup))
        {
            for (var rest = piece; rest.Length > 0;)
            {
                var part = Math.Min(rest.Length, SnapshotBlock.ContentBytes - filled);
                rest[..part].CopyTo(block.AsMemory(SnapshotBlock.HeaderBytes + filled));
                (filled, rest) = (filled + part, rest[part..]);
                if (filled < SnapshotBlock.ContentBytes)
                    continue;
                yield return Block(salt, block, filled, ref offset, ref trailer);
                filled = 0;
            }
        }

        if (filled > 0)
            yield return Block(salt, block, filled, ref offset, ref trailer);
        var end = new byte[SnapshotBlock.HeaderBytes + SnapshotBlock.TrailerBytes];
        SnapshotBlock.WriteTrailer(trailer, end.AsSpan(SnapshotBlock.HeaderBytes));
        SnapshotBlock.Write(salt, offset, end.AsSpan(SnapshotBlock.HeaderBytes), isTrailer: true, end);
        yield return end;
    }

    private static ReadOnlyMemory<byte> Block(ulong salt, byte[] block, int filled, ref long offset, ref SnapshotTrailer trailer)
    {
        SnapshotBlock.Write(salt, offset, block.AsSpan(SnapshotBlock.HeaderBytes, filled), isTrailer: false, block);
        trailer = new(trailer.ContentBytes + filled, trailer.Blocks + 1);
        offset += SnapshotBlock.HeaderBytes + filled;
        return block.AsMemory(0, SnapshotBlock.HeaderBytes + filled);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Content(Backup backup)
    {
        var head = new byte[Backup.HeadBytes];
        Backup.Magic.CopyTo(head);
        head[Backup.Magic.Length] = Backup.Version;
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(Backup.Magic.Length + 1), backup.Cluster.Number);
        yield return head;
        foreach (var piece in SnapshotCodec.Encode(backup.Image))
            yield return piece;
    }
}
