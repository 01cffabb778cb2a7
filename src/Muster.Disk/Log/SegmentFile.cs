using System.Globalization;
using Muster.Runtime;

namespace Muster.Disk.Log;

/// <summary>A segment by its name: the number of its first record, so that sorting names sorts records.</summary>
internal sealed record SegmentFile(string Directory, RecordNumber First)
{
    private const string Suffix = ".log";

    private const int Digits = 20;

    public string Path => $"{Directory}/{First.Value.ToString("D20", CultureInfo.InvariantCulture)}{Suffix}";

    /// <summary>The segments of a directory, oldest first; other files are not ours to judge.</summary>
    public static async ValueTask<List<SegmentFile>> ListAsync(IVolume volume, string directory)
    {
        var found = new List<SegmentFile>();
        foreach (var entry in await volume.ListAsync(directory))
        {
            if (!entry.IsDirectory && TryParse(entry.Name, out var first))
                found.Add(new SegmentFile(directory, first));
        }

        return found;
    }

    private static bool TryParse(string name, out RecordNumber first)
    {
        first = default;
        if (name.Length != Digits + Suffix.Length || !name.EndsWith(Suffix, StringComparison.Ordinal)
            || !long.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        first = new RecordNumber(number);
        return number > 0;
    }
}
