using Muster.Disk.Log;
using Muster.Disk.Snapshots;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Disk;

/// <summary>A state that survives crashes: snapshots of it, and a log of what happened since.</summary>
/// <remarks>
/// Opening loads the newest intact snapshot and replays the log behind it. A damaged snapshot is passed over only if an older
/// one and the log cover everything; so the log is kept back to the older of the two snapshots that are kept.
/// </remarks>
public sealed class DurableState : IDisposable
{
    /// <summary>Where the log lies in the state's directory.</summary>
    public const string LogDirectory = "log";

    /// <summary>Where the snapshots lie in the state's directory.</summary>
    public const string SnapshotsDirectory = "snapshots";

    private readonly SnapshotDirectory _snapshots;
    private readonly SeededRandom _salts;

    private DurableState(
        WriteAheadLog log, SnapshotDirectory snapshots, SeededRandom salts, IReadOnlyList<SnapshotDamagedException> damaged) =>
        (Log, _snapshots, _salts, DamagedSnapshots) = (log, snapshots, salts, damaged);

    /// <summary>The log: append to it.</summary>
    public WriteAheadLog Log { get; }

    /// <summary>Snapshots that were passed over when opening; an operator should hear of them.</summary>
    public IReadOnlyList<SnapshotDamagedException> DamagedSnapshots { get; }

    /// <summary>The last record that the newest snapshot covers; <see cref="RecordNumber.None"/> when there is none.</summary>
    public RecordNumber Covered => _snapshots.Present.Count == 0 ? RecordNumber.None : _snapshots.Present[^1];

    /// <summary>Opens a state, or begins one where the volume holds none.</summary>
    /// <param name="volume">The disk.</param>
    /// <param name="directory">Of this state alone; created when missing.</param>
    /// <param name="limits">Of the log.</param>
    /// <param name="salts">Seeded by the system's chance in production.</param>
    /// <param name="load">Called at most once, before any replay, with the snapshot to load.</param>
    /// <param name="replay">Called for each later record in order; its bytes are good only during the call.</param>
    /// <exception cref="SnapshotDamagedException">A snapshot is damaged and nothing else covers what it held.</exception>
    /// <exception cref="LogDamagedException">The log is damaged.</exception>
    /// <exception cref="VolumeException">The disk refuses.</exception>
    public static async Task<DurableState> OpenAsync(
        IVolume volume, string directory, LogLimits limits, SeededRandom salts, Func<SnapshotReader, ValueTask> load,
        Action<RecordNumber, ReadOnlyMemory<byte>> replay)
    {
        ArgumentNullException.ThrowIfNull(salts);
        var snapshots = await SnapshotDirectory.OpenAsync(volume, $"{directory}/{SnapshotsDirectory}");
        var (covered, damaged) = await LoadAsync(snapshots, load);
        try
        {
            var log = await WriteAheadLog.OpenAsync(volume, $"{directory}/{LogDirectory}", covered, limits, salts.Split(), replay);
            RequireReached(log.Last, snapshots, damaged);
            if (damaged.Count > 0)
                await snapshots.SetAsideAsync(covered);
            var state = new DurableState(log, snapshots, salts, damaged);
            await state.DeleteNeedlessAsync();   // what a crash left of an earlier one
            return state;
        }
        catch (LogDamagedException error) when (damaged.Count > 0)
        {
            throw Uncovered(damaged[0], error.Message);
        }
    }

    /// <summary>Reads a state without opening it: nothing is locked or changed, and its owner may be writing.</summary>
    /// <exception cref="VolumeException">A file was deleted meanwhile: begin again.</exception>
    /// <exception cref="SnapshotDamagedException">A snapshot is damaged and nothing else covers what it held.</exception>
    /// <exception cref="LogDamagedException">The log is damaged.</exception>
    public static async Task<LogRecovery> ReadAsync(
        IVolume volume, string directory, LogLimits limits, Func<SnapshotReader, ValueTask> load,
        Action<RecordNumber, ReadOnlyMemory<byte>> replay)
    {
        var snapshots = await SnapshotDirectory.OpenReadOnlyAsync(volume, $"{directory}/{SnapshotsDirectory}");
        var (covered, damaged) = await LoadAsync(snapshots, load);
        try
        {
            var found = await WriteAheadLog.ReadAsync(volume, $"{directory}/{LogDirectory}", covered, limits, replay);
            RequireReached(found.Last, snapshots, damaged);
            return found;
        }
        catch (LogDamagedException error) when (damaged.Count > 0)
        {
            throw Uncovered(damaged[0], error.Message);
        }
    }

    /// <summary>Writes a snapshot and then, when it is durable, deletes what it and the one before it make needless.</summary>
    /// <param name="covered">The last record whose effect the content holds; at most the log's last.</param>
    /// <param name="write">Writes the content, as of exactly that record, in pieces. Appends may go on meanwhile.</param>
    /// <exception cref="VolumeException">The disk refuses: the process must end.</exception>
    public async Task SaveSnapshotAsync(RecordNumber covered, Func<SnapshotWriter, ValueTask> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        Invariant.Require(covered <= Log.Last);
        using (var writer = await _snapshots.BeginAsync(covered, _salts.NextUInt64()))
        {
            await write(writer);
            await writer.CommitAsync();
        }

        await DeleteNeedlessAsync();
    }

    /// <summary>Closes the files. Nothing is flushed.</summary>
    public void Dispose() => Log.Dispose();

    private async Task DeleteNeedlessAsync()
    {
        await _snapshots.PruneAsync();
        await Log.DeleteThroughAsync(_snapshots.DeletableThrough);
    }

    private static async ValueTask<(RecordNumber Covered, List<SnapshotDamagedException> Damaged)> LoadAsync(
        SnapshotDirectory snapshots, Func<SnapshotReader, ValueTask> load)
    {
        var damaged = new List<SnapshotDamagedException>();
        using var snapshot = await snapshots.OpenNewestAsync(damaged.Add);
        if (snapshot is null)
            return (RecordNumber.None, damaged);
        await load(snapshot);
        return (snapshot.Covered, damaged);
    }

    /// <summary>A log that ends before a damaged snapshot does not hold what the snapshot held.</summary>
    private static void RequireReached(RecordNumber last, SnapshotDirectory snapshots, List<SnapshotDamagedException> damaged)
    {
        if (damaged.Count > 0 && last < snapshots.Present[^1])
            throw Uncovered(damaged[0], $"it held records up to {snapshots.Present[^1]}, and the log ends with {last}");
    }

    private static SnapshotDamagedException Uncovered(SnapshotDamagedException damage, string why) => new(
        damage.File, damage.Offset, $"{damage.Detail}; and no older snapshot with the log makes up for it ({why})");
}
