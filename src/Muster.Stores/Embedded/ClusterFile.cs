using System.Globalization;
using System.Text;
using Muster.Disk;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Stores.Embedded;

/// <summary>The store's name, chosen once: it is part of every fencing token.</summary>
internal static class ClusterFile
{
    private const string FileName = "cluster";
    private const int BytesMax = 64;

    public static async Task<ClusterId> ReadOrCreateAsync(IVolume volume, SeededRandom chance)
    {
        if (await volume.ExistsAsync(FileName))
        {
            var text = Encoding.ASCII.GetString(await DurableFile.ReadAsync(volume, FileName, BytesMax)).TrimEnd('\n');
            return ulong.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number)
                ? new ClusterId(number)
                : throw new StoreUnavailableException($"the file '{FileName}' holds '{text}', which names no cluster: restore it from a backup");
        }

        var cluster = new ClusterId(chance.NextUInt64() | 1);
        await DurableFile.WriteAsync(volume, FileName, Encoding.ASCII.GetBytes(cluster + "\n"));
        return cluster;
    }
}
