using System.Collections.Immutable;
using Muster.Codecs.Control;
using Muster.Disk.Data;
using Muster.Jobs.Records;
using Muster.Keyspace;
using Muster.Primitives;
using Muster.Stores.Embedded;

namespace Muster.Server.Control;

/// <summary>Jobs as a data directory holds them, read while nobody, or somebody else, owns it.</summary>
public static class OfflineJobs
{
    /// <summary>Reads a store's directory.</summary>
    /// <exception cref="DataDirectoryException">It is missing or of another kind or version.</exception>
    public static async Task<JobReports> ReadAsync(string directory)
    {
        using var data = await DataDirectory.OpenReadOnlyAsync(directory, ServerProcess.Format);
        var machine = await EmbeddedStore.ReadAsync(data.Volume, EmbeddedStoreOptions.Default);
        var keys = machine.Read(new Operation.Range(KeyRange.Prefix(JobKeys.Root))) is ReadOutcome.Found(var found) ? found.Keys : [];
        return new JobReports(StoreListing.Decode(machine.Revision, keys), []);
    }
}
