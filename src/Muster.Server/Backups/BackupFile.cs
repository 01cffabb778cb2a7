using System.Security.Cryptography;
using Muster.Codecs;
using Muster.Codecs.Backup;
using Muster.Disk.Data;
using Muster.Disk.Posix;
using Muster.Keyspace;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores.Embedded;

namespace Muster.Server.Backups;

/// <summary>A backup on disk; docs/formats/backup.md.</summary>
// production seam: commands that people type run it, and no loop does.
public static class BackupFile
{
    /// <summary>Revisions that a restored store skips by default: more than one can reach between two backups.</summary>
    public const long DefaultBump = 1_000_000_000;

    private const int PieceBytes = 256 * 1024;
    private const string UnfinishedSuffix = ".part", RestoringSuffix = ".restoring";

    /// <summary>Reads a backup and checks all of it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BackupDamagedException">It is not what was written; the message names file and offset.</exception>
    public static async Task<Backup> ReadAsync(string path)
    {
        using var volume = VolumeOf(path, out var name);
        using var file = await volume.OpenAsync(name, VolumeOpen.Read);
        using var decoder = new BackupDecoder();
        try
        {
            var buffer = new byte[PieceBytes];
            for (var offset = 0L; await file.ReadAsync(offset, buffer) is > 0 and var count; offset += count)
                decoder.Add(buffer.AsSpan(0, count));
            return decoder.Finish();
        }
        catch (CodecException damage)
        {
            throw new BackupDamagedException(path, damage);
        }
    }

    /// <summary>Writes what arrives to a file, which has its name only when all of it is durable and intact.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="pieces">The backup's bytes in order.</param>
    /// <exception cref="BackupDamagedException">What arrived is no backup; there is no file then.</exception>
    public static async Task<Backup> WriteAsync(string path, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        using var volume = VolumeOf(path, out var name);
        using var decoder = new BackupDecoder();
        await volume.DeleteAsync(name + UnfinishedSuffix);
        Backup backup;
        using (var file = await volume.OpenAsync(name + UnfinishedSuffix, VolumeOpen.CreateNew))
        {
            try
            {
                var offset = 0L;
                await foreach (var piece in pieces)
                {
                    decoder.Add(piece.Span);
                    await file.WriteAsync(offset, piece);
                    offset += piece.Length;
                }

                backup = decoder.Finish();
            }
            catch (CodecException damage)
            {
                await volume.DeleteAsync(name + UnfinishedSuffix);
                throw new BackupDamagedException(path, damage);
            }

            await file.SyncAsync();
        }

        await volume.RenameAsync(name + UnfinishedSuffix, name);
        await volume.SyncDirectoryAsync("");
        return backup;
    }

    /// <summary>Makes a server's data directory out of a backup, complete or not at all.</summary>
    /// <param name="backup">What it shall hold.</param>
    /// <param name="directory">Missing or empty.</param>
    /// <param name="bump">Revisions to skip, so that none is granted twice; positive.</param>
    /// <returns>The new store's id, and its revision.</returns>
    /// <exception cref="DataDirectoryException">The directory holds something.</exception>
    public static async Task<(ClusterId Cluster, Revision At)> RestoreAsync(Backup backup, string directory, long bump)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        if (Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any())
            throw new DataDirectoryException($"'{full}' holds something already: choose an empty or a new directory");
        var restoring = full + RestoringSuffix;
        if (Directory.Exists(restoring))
            Directory.Delete(restoring, recursive: true);       // a restore that did not come to its end
        var at = new Revision(checked(backup.Image.Revision.Number + bump));
        var image = KeyspaceMachine.Restore(backup.Image, KeyspaceLimits.Default).ImageMovedTo(at);
        ClusterId cluster;
        using (var data = await DataDirectory.OpenAsync(restoring, ServerProcess.Format))
        {
            var chance = new SeededRandom(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));
            cluster = await StoreRestore.CreateAsync(data.Volume, image, EmbeddedStoreOptions.Default, chance);
        }

        using var parent = VolumeOf(full, out var name);
        await parent.RenameAsync(name + RestoringSuffix, name);
        await parent.SyncDirectoryAsync("");
        return (cluster, at);
    }

    private static PosixVolume VolumeOf(string path, out string name)
    {
        var full = Path.GetFullPath(path);
        name = Path.GetFileName(full);
        return new PosixVolume(Path.GetDirectoryName(full)!);
    }
}

/// <summary>A backup is not what was written. Nothing of it was used.</summary>
/// <param name="file">The file.</param>
/// <param name="damage">What is wrong where.</param>
public sealed class BackupDamagedException(string file, CodecException damage) : IOException(
    $"{file} is damaged at offset {damage.Offset}: {damage.Message}. Nothing of it was used; take another backup", damage)
{
    /// <summary>Where in it, bytes.</summary>
    public long Offset { get; } = damage.Offset;
}
