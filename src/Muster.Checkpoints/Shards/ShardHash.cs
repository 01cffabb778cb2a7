using System.Collections.Immutable;
using Muster.Checkpoints.Digests;
using Muster.Codecs.Log;
using Muster.Jobs.Nodes;

namespace Muster.Checkpoints.Shards;

/// <summary>What names the content of a shard's files, as their bytes go by in order: a digest of each, and a checksum of each block.</summary>
internal sealed class ShardHash(int blockBytes)
{
    private readonly List<uint> _blocks = [];
    private Xxh3 _file = new();
    private long _fileBytes;
    private uint _block;
    private int _inBlock;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _file.Append(bytes);
        _fileBytes += bytes.Length;
        while (!bytes.IsEmpty)
        {
            var count = Math.Min(bytes.Length, blockBytes - _inBlock);
            _block = Crc32C.Append(_block, bytes[..count]);
            _inBlock += count;
            bytes = bytes[count..];
            if (_inBlock == blockBytes)
                EndBlock();
        }
    }

    /// <summary>The file is over; the next one begins with a block of its own.</summary>
    public ShardFile EndFile(string name)
    {
        if (_inBlock > 0)
            EndBlock();
        var file = new ShardFile(name, _fileBytes, Xxh3.Format(_file.Digest()));
        (_file, _fileBytes) = (new Xxh3(), 0);
        return file;
    }

    /// <summary>The blocks of all files so far.</summary>
    public ImmutableArray<uint> Blocks() => [.. _blocks];

    private void EndBlock()
    {
        _blocks.Add(_block);
        (_block, _inBlock) = (0, 0);
    }
}
