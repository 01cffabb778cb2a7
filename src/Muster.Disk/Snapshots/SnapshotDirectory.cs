using System.Globalization;
using Muster.Runtime;

namespace Muster.Disk.Snapshots;

/// <summary>The snapshots of one state: the last two are kept, so that a damaged one costs nothing while the log reaches back.</summary>
/// <remarks>The format is docs/formats/snapshot.md.</remarks>
public sealed class SnapshotDirectory
{
    /// <summary>Snapshots kept.</summary>
    public const int Kept = 2;

    private const string Suffix = ".snapshot", TemporarySuffix = ".tmp", DamagedSuffix = ".damaged";

    private const int Digits = 20;

    private readonly IVolume _volume;
    private readonly string _directory;
    private List<RecordNumber> _present;

    private SnapshotDirectory(IVolume volume, string directory, List<RecordNumber> present) =>
        (_volume, _directory, _present) = (volume, directory, present);

    /// <summary>What the snapshots cover, oldest first.</summary>
    public IReadOnlyList<RecordNumber> Present => _present;

    /// <summary>The last record that no kept snapshot needs the log for: nothing while there are fewer than two.</summary>
    public RecordNumber DeletableThrough => _present.Count < Kept ? RecordNumber.None : _present[^Kept];

    /// <summary>Opens a directory of snapshots, creating it when missing, and removes what a crash left unfinished.</summary>
    public static async Task<SnapshotDirectory> OpenAsync(IVolume volume, string directory)
    {
        ArgumentNullException.ThrowIfNull(volume);
        await volume.CreateDirectoryAsync(directory);
        var opened = await OpenReadOnlyAsync(volume, directory);
        foreach (var entry in await volume.ListAsync(directory))
        {
            if (entry.Name.EndsWith(TemporarySuffix, StringComparison.Ordinal))
                await volume.DeleteAsync($"{directory}/{entry.Name}");
        }

        // A rename that a dead process did not live to sync is visible, yet could still be lost: not once it was loaded from.
        await volume.SyncDirectoryAsync(directory);
        return opened;
    }

    /// <summary>Opens a directory of snapshots and changes nothing; its owner may be writing.</summary>
    public static async Task<SnapshotDirectory> OpenReadOnlyAsync(IVolume volume, string directory)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var present = new List<RecordNumber>();
        foreach (var entry in await volume.ListAsync(directory))
        {
            if (!entry.IsDirectory && TryParse(entry.Name, out var covered))
                present.Add(covered);
        }

        return new SnapshotDirectory(volume, directory, present);
    }

    /// <summary>Opens the newest snapshot that is intact, having read it once to the end.</summary>
    /// <param name="damaged">Receives each newer one that is not. The caller must then find the log reaching back, or refuse to
    /// start with the first of these; and call <see cref="SetAsideAsync"/> when it does.</param>
    /// <returns>Null when there is none.</returns>
    public async Task<SnapshotReader?> OpenNewestAsync(Action<SnapshotDamagedException> damaged)
    {
        ArgumentNullException.ThrowIfNull(damaged);
        for (var i = _present.Count - 1; i >= 0; i--)
        {
            try
            {
                using (var check = await SnapshotReader.OpenAsync(_volume, PathOf(_present[i]), _present[i]))
                    await check.VerifyAsync();
                return await SnapshotReader.OpenAsync(_volume, PathOf(_present[i]), _present[i]);
            }
            catch (SnapshotDamagedException error)
            {
                damaged(error);
            }
        }

        return null;
    }

    /// <summary>Renames snapshots newer than one, found damaged, so that they are kept for inspection and not counted.</summary>
    public async Task SetAsideAsync(RecordNumber newestIntact)
    {
        foreach (var covered in _present.Where(covered => covered > newestIntact))
            await _volume.RenameAsync(PathOf(covered), PathOf(covered) + DamagedSuffix);
        _present = [.. _present.Where(covered => covered <= newestIntact)];
        await _volume.SyncDirectoryAsync(_directory);
    }

    /// <summary>Begins a snapshot. One at a time.</summary>
    /// <param name="covered">The last log record whose effect it holds: durable, and later than any snapshot here.</param>
    /// <param name="salt">Drawn by chance for this snapshot.</param>
    public async Task<SnapshotWriter> BeginAsync(RecordNumber covered, ulong salt)
    {
        if (_present.Count > 0 && covered <= _present[^1])
            throw new ArgumentException($"a snapshot of record {_present[^1]} is here already", nameof(covered));
        var path = PathOf(covered) + TemporarySuffix;
        await _volume.DeleteAsync(path);
        var file = await _volume.OpenAsync(path, VolumeOpen.CreateNew);
        return await SnapshotWriter.BeginAsync(this, file, new SnapshotHeader(salt, covered));
    }

    /// <summary>Deletes snapshots beyond the number kept. Then the log may be deleted through <see cref="DeletableThrough"/>.</summary>
    public async Task PruneAsync()
    {
        if (_present.Count <= Kept)
            return;
        foreach (var covered in _present[..^Kept])
            await _volume.DeleteAsync(PathOf(covered));
        _present = _present[^Kept..];
        await _volume.SyncDirectoryAsync(_directory);
    }

    internal async ValueTask PublishAsync(RecordNumber covered)
    {
        await _volume.RenameAsync(PathOf(covered) + TemporarySuffix, PathOf(covered));
        await _volume.SyncDirectoryAsync(_directory);
        _present = [.. _present, covered];
    }

    private static bool TryParse(string name, out RecordNumber covered)
    {
        covered = default;
        if (name.Length != Digits + Suffix.Length || !name.EndsWith(Suffix, StringComparison.Ordinal)
            || !long.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        covered = new RecordNumber(number);
        return true;
    }

    private string PathOf(RecordNumber covered) =>
        $"{_directory}/{covered.Value.ToString("D20", CultureInfo.InvariantCulture)}{Suffix}";
}
