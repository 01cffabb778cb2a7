using System.Globalization;
using System.Text;
using Muster.Codecs.Log;
using Muster.Disk;
using Muster.Runtime;

namespace Muster.Agent.Hosting;

/// <summary>A small document that is on disk whole, as it was before or as it is now: a line with version and CRC32C, then JSON.</summary>
internal sealed class JournalFile(IVolume disk, string path)
{
    private const int BytesMax = 64 << 20;
    private const string Mark = "muster-journal 1 ";

    /// <summary>Makes a document durable.</summary>
    /// <exception cref="VolumeException">The disk refuses: the process must end.</exception>
    public Task WriteAsync(byte[] json)
    {
        var head = Encoding.ASCII.GetBytes($"{Mark}{Crc32C.Of(json):x8}\n");
        return DurableFile.WriteAsync(disk, path, (byte[])[.. head, .. json]);
    }

    /// <summary>Reads the document; null when there is none. What it says is durable: it may be told.</summary>
    /// <exception cref="JournalDamagedException">It is damaged, or of a newer version.</exception>
    /// <exception cref="VolumeException">The disk refuses: the process must end.</exception>
    public async Task<byte[]?> ReadAsync()
    {
        byte[] bytes;
        try
        {
            // Whoever wrote it may have died between the new name and its sync; a power loss would take the name back.
            await disk.SyncDirectoryAsync(path.LastIndexOf('/') is >= 0 and var slash ? path[..slash] : "");
            bytes = await DurableFile.ReadAsync(disk, path, BytesMax);
        }
        catch (VolumeException missing) when (missing.Error == VolumeError.NotFound)
        {
            return null;
        }

        var end = bytes.AsSpan().IndexOf((byte)'\n');
        var head = end < 0 ? "" : Encoding.ASCII.GetString(bytes.AsSpan(0, end));
        if (!head.StartsWith(Mark, StringComparison.Ordinal))
            throw new JournalDamagedException(path, "it does not begin as a journal of version 1; a newer program may have written it");
        if (!uint.TryParse(head.AsSpan(Mark.Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var sum)
            || Crc32C.Of(bytes.AsSpan(end + 1)) != sum)
            throw new JournalDamagedException(path, "its checksum does not match: the disk changed it");
        return bytes[(end + 1)..];
    }

    /// <summary>Deletes the document.</summary>
    public Task DeleteAsync() => DurableFile.DeleteAsync(disk, path);
}

/// <summary>A journal cannot be believed.</summary>
public sealed class JournalDamagedException(string path, string detail)
    : IOException($"journal '/{path}': {detail}; restore the directory, or move it away to begin anew (running ranks of it are then lost from sight)")
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;
}
