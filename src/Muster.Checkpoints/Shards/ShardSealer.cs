using System.Buffers;
using System.Collections.Immutable;
using Muster.Checkpoints.Digests;
using Muster.Jobs.Nodes;
using Muster.Runtime;

namespace Muster.Checkpoints.Shards;

/// <summary>Limits of sealing.</summary>
public sealed record SealLimits
{
    /// <summary>The defaults.</summary>
    public static SealLimits Default { get; } = new();

    /// <summary>Bytes read, hashed and written at a time; default 1 MiB, so that what was read is still in the processor's cache when it is hashed.</summary>
    public int ChunkBytes { get; init; } = 1 << 20;

    /// <summary>Files in a shard; default 100,000. More are refused.</summary>
    public int FilesMax { get; init; } = 100_000;

    /// <summary>Directories below each other in a shard; default 32. More are refused.</summary>
    public int DepthMax { get; init; } = 32;
}

/// <summary>Makes what a program wrote survive any crash, and names it by digests.</summary>
public sealed class ShardSealer(IVolume disk, SealLimits? limits = null)
{
    private readonly SealLimits _limits = limits ?? SealLimits.Default;

    /// <summary>Hashes and syncs the files of a directory where they are, then the directories.</summary>
    /// <param name="directory">On the volume; nobody writes there any more.</param>
    /// <returns>The files, by name in ordinal order. All of it is durable.</returns>
    /// <exception cref="VolumeException">The disk refuses: the shard does not exist.</exception>
    public Task<ImmutableArray<ShardFile>> SealAsync(string directory) => RunAsync(directory, directory);

    /// <summary>Copies a directory, hashing, and makes the copy durable. The original stays.</summary>
    /// <param name="written">Where it was written, in memory as a rule; on the volume.</param>
    /// <param name="final">A directory that does not exist yet.</param>
    /// <returns>The files, by name in ordinal order. All of the copy is durable.</returns>
    /// <exception cref="VolumeException">The disk refuses, or the copy exists already: a path is never written twice.</exception>
    public async Task<ImmutableArray<ShardFile>> CopyAsync(string written, string final)
    {
        if ((await disk.ListAsync(final)).Count > 0)
            throw new VolumeException("seal", final, VolumeError.Exists, "a shard is there already, and a path is never written twice");
        await disk.CreateDirectoryAsync(final);
        return await RunAsync(written, final);
    }

    private async Task<ImmutableArray<ShardFile>> RunAsync(string written, string final)
    {
        var names = new List<(string Name, bool IsDirectory)>();
        await ListAsync(written, "", 0, names);
        var files = ImmutableArray.CreateBuilder<ShardFile>();
        var chunks = written == final ? null : new ChunkRing(_limits.ChunkBytes);
        foreach (var (name, isDirectory) in names)
        {
            if (!isDirectory)
                files.Add(chunks is null ? await SealFileAsync($"{final}/{name}", name) : await CopyFileAsync(written, final, name, chunks));
            else if (written != final)
                await disk.CreateDirectoryAsync($"{final}/{name}");
        }

        // Deepest first: a directory is durable when all that it names is.
        foreach (var (name, _) in names.Where(entry => entry.IsDirectory).OrderByDescending(entry => entry.Name.Length))
            await disk.SyncDirectoryAsync($"{final}/{name}");
        await disk.SyncDirectoryAsync(final);
        await disk.SyncDirectoryAsync(ParentOf(final));
        files.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return files.ToImmutable();
    }

    private async Task ListAsync(string root, string below, int depth, List<(string Name, bool IsDirectory)> names)
    {
        if (depth > _limits.DepthMax)
            throw new VolumeException(
                "list", $"{root}/{below}", VolumeError.Denied, $"a shard has more than SealLimits.DepthMax {_limits.DepthMax} directories below each other");
        foreach (var entry in await disk.ListAsync(below.Length == 0 ? root : $"{root}/{below}"))
        {
            var name = below.Length == 0 ? entry.Name : $"{below}/{entry.Name}";
            names.Add((name, entry.IsDirectory));
            if (names.Count > _limits.FilesMax)
                throw new VolumeException(
                    "list", root, VolumeError.Denied, $"a shard has more than SealLimits.FilesMax {_limits.FilesMax} files; write fewer, larger ones");
            if (entry.IsDirectory)
                await ListAsync(root, name, depth + 1, names);
        }
    }

    private async Task<ShardFile> SealFileAsync(string path, string name)
    {
        using var file = await disk.OpenAsync(path, VolumeOpen.Existing);
        var syncing = file.SyncAsync().AsTask();   // the disk writes while we hash
        ShardFile sealedFile;
        try
        {
            sealedFile = await ShardFiles.DigestAsync(file, name, _limits.ChunkBytes);
        }
        finally
        {
            await syncing;
        }

        return sealedFile;
    }

    private async Task<ShardFile> CopyFileAsync(string written, string final, string name, ChunkRing chunks)
    {
        using var from = await disk.OpenAsync($"{written}/{name}", VolumeOpen.Read);
        using var to = await disk.OpenAsync($"{final}/{name}", VolumeOpen.CreateStreamed);
        var hash = new Xxh3();
        var offset = 0L;
        try
        {
            while (true)
            {
                var chunk = await chunks.NextAsync();
                var count = await from.ReadAsync(offset, chunk);
                if (count == 0)
                    break;
                chunks.Write(to, offset, count);   // beside hashing this chunk and reading the next
                hash.Append(chunk.Span[..count]);
                offset += count;
            }
        }
        finally
        {
            await chunks.DrainAsync();
        }

        await to.SyncAsync();
        return new ShardFile(name, offset, Xxh3.Format(hash.Digest()));
    }

    private static string ParentOf(string path) => path.LastIndexOf('/') is >= 0 and var slash ? path[..slash] : "";
}
