using Muster.Runtime;

namespace Muster.CrashPoints.Tests.Harness;

/// <summary>A mistake that the code above the disk could make, made for it below.</summary>
public enum PlantedBug
{
    /// <summary>Acknowledge before the file is synced.</summary>
    ForgetFileSync,

    /// <summary>Use a new name before its directory is synced.</summary>
    ForgetDirectorySync,

    /// <summary>Take a failed sync of a file for a successful one.</summary>
    IgnoreFailedSync,

    /// <summary>Take a failed write for a successful one.</summary>
    IgnoreFailedWrite,

    /// <summary>Do not write again what a dead process may have left only in memory.</summary>
    SkipRewrite,


    /// <summary>Write to the final name instead of a temporary one.</summary>
    WriteInPlace,
}

/// <summary>Runs a path with a planted bug; recovery stays right.</summary>
public sealed class WithPlantedBug(CrashPointScenario scenario, PlantedBug bug) : CrashPointScenario
{
    public override string Name => $"{scenario.Name} with {bug}";

    public override bool SyncsTakeTurns => scenario.SyncsTakeTurns;

    public override Task PrepareAsync(Muster.Simulation.Disk.SimulatedDisk disk, Ledger ledger) => scenario.PrepareAsync(disk, ledger);

    public override Task RunAsync(IVolume volume, Ledger ledger) => scenario.RunAsync(new BuggyVolume(volume, bug), ledger);

    public override Task RecoverAsync(IVolume volume, Ledger ledger) => scenario.RecoverAsync(
        bug == PlantedBug.SkipRewrite ? new BuggyVolume(volume, bug) : volume, ledger);
}

/// <summary>A volume that does less than it is told.</summary>
internal sealed class BuggyVolume(IVolume inner, PlantedBug bug) : IVolume
{
    public async ValueTask<IVolumeFile> OpenAsync(string path, VolumeOpen mode)
    {
        if (bug == PlantedBug.WriteInPlace && path.EndsWith(".tmp", StringComparison.Ordinal))
            return new BuggyFile(await inner.OpenAsync(path[..^4], VolumeOpen.OpenOrCreate), bug);
        return new BuggyFile(await inner.OpenAsync(path, mode), bug);
    }

    public ValueTask<bool> ExistsAsync(string path) => inner.ExistsAsync(path);

    public ValueTask<IReadOnlyList<VolumeEntry>> ListAsync(string directory) => inner.ListAsync(directory);

    public ValueTask CreateDirectoryAsync(string path) => inner.CreateDirectoryAsync(path);

    public ValueTask RenameAsync(string from, string to) => bug == PlantedBug.WriteInPlace ? default : inner.RenameAsync(from, to);

    public ValueTask DeleteAsync(string path) => inner.DeleteAsync(path);

    public ValueTask SyncDirectoryAsync(string path) =>
        bug == PlantedBug.ForgetDirectorySync ? default : inner.SyncDirectoryAsync(path);
}

internal sealed class BuggyFile(IVolumeFile inner, PlantedBug bug) : IVolumeFile
{
    public long Length => inner.Length;

    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer) => inner.ReadAsync(offset, buffer);

    public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes)
    {
        if (bug == PlantedBug.SkipRewrite && offset + bytes.Length <= inner.Length)
            return;
        try
        {
            await inner.WriteAsync(offset, bytes);
        }
        catch (VolumeException) when (bug == PlantedBug.IgnoreFailedWrite)
        {
            // The bug.
        }
    }

    public ValueTask SetLengthAsync(long length) => inner.SetLengthAsync(length);

    public async ValueTask SyncAsync()
    {
        if (bug == PlantedBug.ForgetFileSync)
            return;
        try
        {
            await inner.SyncAsync();
        }
        catch (VolumeException) when (bug == PlantedBug.IgnoreFailedSync)
        {
            // The bug.
        }
    }

    public void Dispose() => inner.Dispose();
}
