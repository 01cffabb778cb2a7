using System.Globalization;
using System.Text;
using Muster.Runtime;

namespace Muster.Disk.Data;

/// <summary>What a data directory holds, and in which version: the file <c>format</c> in it.</summary>
/// <param name="Name">What wrote the directory: "server", "agent".</param>
/// <param name="Version">Version of everything in it, from 1.</param>
public sealed record DataFormat(string Name, int Version)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "format";

    private const int BytesMax = 4096;

    private const string First = "muster data directory";

    /// <summary>Checks a directory's format, writing it where there is none and the directory is empty.</summary>
    /// <param name="volume">The directory.</param>
    /// <returns>True when it was written now: the directory is new.</returns>
    /// <exception cref="DataDirectoryException">It holds something else, or a version this program does not know.</exception>
    public async Task<bool> ClaimAsync(IVolume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        if (await volume.ExistsAsync(FileName))
        {
            await CheckAsync(volume);
            await volume.SyncDirectoryAsync("");   // who wrote it may have died before this
            return false;
        }

        // A lock file is there already, and a claim that a crash interrupted leaves its temporary file.
        string[] ours = [DirectoryLock.FileName, FileName + DurableFile.TemporarySuffix];
        var foreign = (await volume.ListAsync("")).FirstOrDefault(entry => !ours.Contains(entry.Name));
        if (foreign.Name is not null)
            throw new DataDirectoryException($"holds '{foreign.Name}' but no file '{FileName}': it is not a data directory of muster; "
                + "choose an empty or a new directory");
        await DurableFile.WriteAsync(volume, FileName, Encoding.UTF8.GetBytes(ToText()));
        return true;
    }

    /// <summary>Checks a directory's format and changes nothing.</summary>
    /// <exception cref="DataDirectoryException">It holds something else, or a version this program does not know.</exception>
    public async Task CheckAsync(IVolume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        if (!await volume.ExistsAsync(FileName))
            throw new DataDirectoryException($"has no file '{FileName}': it is not a data directory of muster, or a new one; check the path");
        var found = Parse(Encoding.UTF8.GetString(await DurableFile.ReadAsync(volume, FileName, BytesMax)));
        if (found.Name != Name)
            throw new DataDirectoryException($"belongs to '{found.Name}' and not to '{Name}': choose another directory");
        if (found.Version > Version)
            throw new DataDirectoryException($"was written by a newer muster: its version of '{Name}' is {found.Version} and this program "
                + $"knows up to {Version}; start a muster at least as new as the one that wrote it");
        if (found.Version < Version)
            throw new DataDirectoryException($"has version {found.Version} of '{Name}' and this program reads {Version}; start the muster that wrote "
                + "it and make a backup there, then restore the backup here");
    }

    private static DataFormat Parse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length == 4 && lines[0] == First && lines[3].Length == 0
            && Value(lines[1], "name: ") is { Length: > 0 } name
            && int.TryParse(Value(lines[2], "version: "), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            return new DataFormat(name, version);
        throw new DataDirectoryException($"has a file '{FileName}' that is not understood: it is damaged, or not of muster; restore the "
            + "directory from a backup");
    }

    private static string? Value(string line, string key) => line.StartsWith(key, StringComparison.Ordinal) ? line[key.Length..] : null;

    private string ToText() => $"{First}\nname: {Name}\nversion: {Version.ToString(CultureInfo.InvariantCulture)}\n";
}

/// <summary>A data directory cannot be used; the message says why and what to do.</summary>
/// <param name="detail">Continues "the directory …".</param>
public class DataDirectoryException(string detail) : IOException($"the directory {detail}");
