using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Muster.Codecs.Log;

/// <summary>The CRC-32C of every block of some files, one file after the other: says where damage is, which a digest of a whole file cannot.</summary>
/// <param name="BlockBytes">Bytes of every block but each file's last, from 1.</param>
/// <param name="Blocks">Of the first file's blocks in order, then of the second's; an empty file has none.</param>
/// <remarks>Format: docs/formats/manifest.md. It is judged by its own checksums; without it damage is still found by the digests.</remarks>
public sealed record BlockChecksums(int BlockBytes, ImmutableArray<uint> Blocks)
{
    /// <summary>The version this program reads and writes.</summary>
    public const uint Version = 1;

    private const int BlockBytesAt = FileHeader.FieldsAt, CountAt = BlockBytesAt + 4, BodyChecksumAt = CountAt + 4, FieldsEnd = BodyChecksumAt + 4;

    private static readonly FileHeader s_layout = new("block checksums", "file of block checksums", "MUSTRBLK", Version, FieldsEnd);

    /// <summary>The file's bytes.</summary>
    public byte[] Encode()
    {
        var bytes = new byte[FileHeader.Bytes + Blocks.Length * sizeof(uint)];
        for (var i = 0; i < Blocks.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(FileHeader.Bytes + i * sizeof(uint)), Blocks[i]);
        var header = bytes.AsSpan(0, FileHeader.Bytes);
        s_layout.Begin(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[BlockBytesAt..], BlockBytes);
        BinaryPrimitives.WriteInt32LittleEndian(header[CountAt..], Blocks.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[BodyChecksumAt..], Crc32C.Of(bytes.AsSpan(FileHeader.Bytes)));
        s_layout.Seal(header);
        return bytes;
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="CodecException">It is not one, is damaged, or is of a version this program does not know.</exception>
    public static BlockChecksums Decode(ReadOnlySpan<byte> source)
    {
        var header = s_layout.Require(source);
        var blockBytes = BinaryPrimitives.ReadInt32LittleEndian(header[BlockBytesAt..]);
        if (blockBytes < 1)
            throw s_layout.Bad(BlockBytesAt, $"blocks of {blockBytes} bytes");
        var body = source[FileHeader.Bytes..];
        var count = BinaryPrimitives.ReadInt32LittleEndian(header[CountAt..]);
        if (count < 0 || body.Length != (long)count * sizeof(uint))
            throw s_layout.Bad(CountAt, $"it names {count} blocks, and {body.Length} bytes follow");
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[BodyChecksumAt..]) != Crc32C.Of(body))
            throw s_layout.Bad(BodyChecksumAt, "the checksum of the checksums does not match");
        var blocks = ImmutableArray.CreateBuilder<uint>(count);
        for (; !body.IsEmpty; body = body[sizeof(uint)..])
            blocks.Add(BinaryPrimitives.ReadUInt32LittleEndian(body));
        return new BlockChecksums(blockBytes, blocks.MoveToImmutable());
    }
}
