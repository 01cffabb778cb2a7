using Muster.Codecs.Keyspace;
using Muster.Disk;
using Muster.Keyspace;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Stores.Embedded;

/// <summary>Begins a store with a state that came from elsewhere.</summary>
public static class StoreRestore
{
    /// <summary>Makes a new store that holds an image, under a cluster id of its own.</summary>
    /// <param name="volume">The disk, of the store alone, where no store is yet.</param>
    /// <param name="image">What it holds.</param>
    /// <param name="options">Limits and habits.</param>
    /// <param name="chance">For ids and salts; in production it must be seeded by the system's chance.</param>
    /// <returns>The new store's id, when all of it is durable. Before that, the volume holds something that is not to be opened.</returns>
    /// <exception cref="VolumeException">The disk refuses.</exception>
    public static async Task<ClusterId> CreateAsync(IVolume volume, KeyspaceImage image, EmbeddedStoreOptions options, SeededRandom chance)
    {
        var cluster = await ClusterFile.ReadOrCreateAsync(volume, chance);
        using var disk = await DurableState.OpenAsync(
            volume, EmbeddedStore.StateDirectory, options.Log, chance.Split(),
            _ => throw new StoreUnavailableException("a store is here already: restore into a new directory"),
            (_, _) => throw new StoreUnavailableException("a store is here already: restore into a new directory"));
        // A snapshot stands behind a record of the log. This one is refused wherever it is applied.
        var first = await disk.Log.AppendAsync(CommandCodec.Encode(new Command.Compact(new(-1))));
        await disk.SaveSnapshotAsync(first, async writer =>
        {
            foreach (var piece in SnapshotCodec.Encode(image))
                await writer.WriteAsync(piece);
        });
        return cluster;
    }
}
