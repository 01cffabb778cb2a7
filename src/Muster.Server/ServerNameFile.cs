using System.Text;
using Muster.Disk;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Server;

/// <summary>A server's name among those that share a rented store, chosen once for its data directory.</summary>
/// <remarks>Whoever holds the directory's lock has this name alone, so an older candidate with the name is dead.</remarks>
internal static class ServerNameFile
{
    private const string FileName = "name";
    private const int BytesMax = 256;

    public static async Task<string> ReadOrCreateAsync(IVolume volume, string beginning, SeededRandom chance)
    {
        if (await volume.ExistsAsync(FileName))
            return Encoding.UTF8.GetString(await DurableFile.ReadAsync(volume, FileName, BytesMax)).TrimEnd('\n');
        var name = $"{beginning}-{chance.NextUInt64():x16}";
        await DurableFile.WriteAsync(volume, FileName, Encoding.UTF8.GetBytes(name + "\n"));
        return name;
    }
}
