using System.Buffers.Binary;
using System.Security.Cryptography;
using Muster.Codecs.Keyspace;
using Muster.Codecs.Log;
using Muster.Primitives;

namespace Muster.Codecs.Backup;

/// <summary>Takes a backup's bytes in pieces of any size and gives what it holds; damage is named by its offset.</summary>
/// <remarks>Nothing of it counts before <see cref="Finish"/> returned. After an exception the decoder is of no more use.</remarks>
public sealed class BackupDecoder : IDisposable
{
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly SnapshotDecoder _image = new();
    private readonly MemoryStream _pending = new();
    private readonly List<byte> _head = [];
    private SnapshotHeader? _header;
    private SnapshotBlock? _block;
    private SnapshotTrailer _seen = new(0, 0);
    private Part _part = Part.Header;
    private long _offset;

    private enum Part
    {
        Header,
        BlockHeader,
        Content,
        Padding,
        Digest,
        End,
    }

    /// <summary>Takes the next bytes.</summary>
    /// <exception cref="CodecException">They are not what was written.</exception>
    public void Add(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            if (_part == Part.End)
                throw Bad(_offset, "bytes follow its end");
            var missing = Math.Min(Needed() - (int)_pending.Length, piece.Length);
            _pending.Write(piece[..missing]);
            piece = piece[missing..];
            Advance();
        }
    }

    /// <summary>What the backup holds, once every byte was given.</summary>
    /// <exception cref="CodecException">Bytes are missing, or together they are no state of a store.</exception>
    public Backup Finish()
    {
        if (_part != Part.End)
            throw Bad(_offset + _pending.Length, "it ends too early: the file was cut, or its transfer was");
        var head = _head.ToArray();
        return new(new ClusterId(BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(Backup.Magic.Length + 1))), _image.Finish());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _digest.Dispose();
        _pending.Dispose();
    }

    private static CodecException Bad(long offset, string detail) => new("backup", offset, detail);

    private int Needed() => _part switch
    {
        Part.Header => SnapshotHeader.Bytes,
        Part.BlockHeader => SnapshotBlock.HeaderBytes,
        Part.Content => _block!.Value.Length == 0 ? SnapshotBlock.TrailerBytes : _block.Value.Length,
        Part.Padding => BackupEncoder.Padding(_offset),
        _ => Backup.DigestBytes,
    };

    private void Advance()
    {
        while (_part != Part.End && _pending.Length == Needed())
        {
            var unit = _pending.GetBuffer().AsSpan(0, (int)_pending.Length);
            if (_part != Part.Digest)
                _digest.AppendData(unit);
            var next = Take(unit);
            _offset += unit.Length;
            _pending.SetLength(0);
            _part = next;
        }
    }

    private Part Take(ReadOnlySpan<byte> unit)
    {
        switch (_part)
        {
            case Part.Header:
                _header = SnapshotHeader.Read(unit);
                if (_header.Covered != RecordNumber.None)
                    throw Bad(0, "this is a snapshot out of a data directory, not a backup: make one with 'muster store snapshot save'");
                return Part.BlockHeader;
            case Part.BlockHeader:
                _block = SnapshotBlock.Read(_offset, unit);
                return Part.Content;
            case Part.Content:
                return TakeContent(_block!.Value, unit);
            case Part.Padding:
                return unit.ContainsAnyExcept((byte)0) ? throw Bad(_offset, "the bytes behind its trailer are not zero") : Part.Digest;
            default:
                return unit.SequenceEqual(_digest.GetHashAndReset()) ? Part.End : throw Bad(_offset, "its SHA-256 does not match");
        }
    }

    private Part TakeContent(SnapshotBlock block, ReadOnlySpan<byte> content)
    {
        var start = _offset - SnapshotBlock.HeaderBytes;
        block.Require(_header!.Salt, start, content);
        if (block.Length == 0)
        {
            return SnapshotBlock.ReadTrailer(content) == _seen && _head.Count == Backup.HeadBytes
                ? Part.Padding
                : throw Bad(start, $"its trailer does not tell of the {_seen.Blocks} blocks and {_seen.ContentBytes} bytes before it");
        }

        if (_seen.ContentBytes % SnapshotBlock.ContentBytes != 0)
            throw Bad(start, "a block follows one that was not full");
        _seen = new(_seen.ContentBytes + content.Length, _seen.Blocks + 1);
        try
        {
            _image.Add(TakeHead(content));
        }
        catch (CodecException damage) when (damage.What != "backup")
        {
            throw Bad(start, $"the block that begins here holds no part of a store's state ({damage.Message})");
        }

        return Part.BlockHeader;
    }

    private ReadOnlySpan<byte> TakeHead(ReadOnlySpan<byte> content)
    {
        if (_head.Count == Backup.HeadBytes)
            return content;
        var part = Math.Min(content.Length, Backup.HeadBytes - _head.Count);
        _head.AddRange(content[..part]);
        if (_head.Count == Backup.HeadBytes)
            CheckHead();
        return content[part..];
    }

    private void CheckHead()
    {
        var head = _head.ToArray().AsSpan();
        if (!head.StartsWith(Backup.Magic))
            throw Bad(SnapshotHeader.Bytes, "it holds no backup of a store");
        if (head[Backup.Magic.Length] != Backup.Version)
            throw Bad(SnapshotHeader.Bytes, $"it has format version {head[Backup.Magic.Length]}; this program reads version {Backup.Version}: upgrade it");
    }
}
