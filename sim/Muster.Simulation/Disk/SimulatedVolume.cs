using Muster.Runtime;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Disk;

/// <summary>A simulated disk as one process uses it. Each call is a crash point and may be made to fail.</summary>
public sealed class SimulatedVolume : IVolume
{
    private readonly SimulatedDisk _disk;
    private readonly ICrashPoint? _process;
    private readonly IDiskPlan? _plan;
    private long _calls;

    internal SimulatedVolume(SimulatedDisk disk, ICrashPoint? process, IDiskPlan? plan) =>
        (_disk, _process, _plan) = (disk, process, plan);

    /// <summary>Calls made so far.</summary>
    public long Calls => _calls;

    /// <inheritdoc/>
    public async ValueTask<IVolumeFile> OpenAsync(string path, VolumeOpen mode)
    {
        await CallAsync("open", path);
        var (parent, name) = Paths.Locate(_disk.Root, "open", path);
        if (!parent.Visible.TryGetValue(name, out var node))
        {
            if (mode is VolumeOpen.Read or VolumeOpen.Existing)
                throw new VolumeException("open", path, VolumeError.NotFound, "no such file (simulated)");
            node = new FileNode();
            Rename([(parent, name, node)]);
        }
        else if (mode is VolumeOpen.CreateNew or VolumeOpen.CreateStreamed)
        {
            throw new VolumeException("open", path, VolumeError.Exists, "the file exists (simulated)");
        }

        return node is FileNode file
            ? new SimulatedFile(this, _disk, path, file, mode != VolumeOpen.Read)
            : throw new VolumeException("open", path, VolumeError.Device, "it is a directory (simulated)");
    }

    /// <inheritdoc/>
    public async ValueTask<bool> ExistsAsync(string path)
    {
        await CallAsync("exists", path);
        return Paths.Find(_disk.Root, path) is not null;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<VolumeEntry>> ListAsync(string directory)
    {
        await CallAsync("list", directory);
        if (Paths.Find(_disk.Root, directory) is not DirectoryNode found)
            return [];
        return [.. found.Visible.Select(entry =>
            new VolumeEntry(entry.Key, entry.Value is DirectoryNode, entry.Value is FileNode file ? file.Visible.Length : 0))];
    }

    /// <inheritdoc/>
    public async ValueTask CreateDirectoryAsync(string path)
    {
        var parent = _disk.Root;
        var parentPath = "";
        foreach (var part in Paths.Split(path))
        {
            var childPath = parentPath.Length == 0 ? part : $"{parentPath}/{part}";
            if (!parent.Visible.TryGetValue(part, out var child))
            {
                await CallAsync("mkdir", childPath);
                if (!parent.Visible.TryGetValue(part, out child))   // somebody may have been faster meanwhile
                {
                    child = new DirectoryNode();
                    Rename([(parent, part, child)]);
                }
            }

            await SyncDirectoryAsync(parentPath);
            parent = child as DirectoryNode
                ?? throw new VolumeException("mkdir", childPath, VolumeError.Exists, "a file is in the way (simulated)");
            parentPath = childPath;
        }
    }

    /// <inheritdoc/>
    public async ValueTask RenameAsync(string from, string to)
    {
        await CallAsync("rename", from);
        var (source, oldName) = Paths.Locate(_disk.Root, "rename", from);
        var (target, newName) = Paths.Locate(_disk.Root, "rename", to);
        if (!source.Visible.TryGetValue(oldName, out var node))
            throw new VolumeException("rename", from, VolumeError.NotFound, "no such file (simulated)");
        if (target.Visible.TryGetValue(newName, out var replaced) && replaced is DirectoryNode { Visible.Count: > 0 })
            throw new VolumeException("rename", to, VolumeError.Exists, "a directory is in the way (simulated)");
        Rename([(source, oldName, null), (target, newName, node)]);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string path)
    {
        await CallAsync("delete", path);
        var (parent, name) = Paths.Locate(_disk.Root, "delete", path);
        if (!parent.Visible.TryGetValue(name, out var node))
            return;
        if (node is DirectoryNode { Visible.Count: > 0 })
            throw new VolumeException("delete", path, VolumeError.Device, "the directory is not empty (simulated)");
        Rename([(parent, name, null)]);
    }

    /// <inheritdoc/>
    public async ValueTask SyncDirectoryAsync(string path)
    {
        await CallAsync("syncdir", path);
        if (Paths.Find(_disk.Root, path) is not DirectoryNode directory)
            throw new VolumeException("sync", path, VolumeError.NotFound, "no such directory (simulated)");
        _disk.SyncDirectory(directory);
    }

    /// <summary>Announces a call and lets it happen, fail or take time.</summary>
    /// <returns>How many bytes of a write happen before it fails; null: all, without failing.</returns>
    internal async ValueTask<int?> CallAsync(string operation, string path, long offset = 0, int bytes = 0, Action? failed = null)
    {
        var call = new DiskCall(++_calls, operation, path, offset, bytes);
        if (_process is not null && (call.IsChange ? !_process.Effect($"disk.{call}") : _process.IsDead))
            await _process.Never;
        switch (_plan?.Before(call) ?? DiskVerdict.Proceed)
        {
            case DiskVerdict.Failure(var error):
                failed?.Invoke();
                throw Injected(call, error);
            case DiskVerdict.ShortWrite(var part, _) when operation == "write":
                return Math.Min(part, bytes);
            case DiskVerdict.ShortWrite(_, var error):
                throw Injected(call, error);
            case DiskVerdict.Turn:
                await Task.Yield();
                break;
            case DiskVerdict.Success(var after) when after > TimeSpan.Zero:
                await Task.Delay(after, _process?.Time ?? TimeProvider.System);
                break;
        }

        if (_process is { IsDead: true })
            await _process.Never;   // killed while it waited: the effect must not come after death
        return null;
    }

    internal static VolumeException Injected(DiskCall call, VolumeError error) =>
        new(call.Operation == "syncdir" ? "sync" : call.Operation, call.Path, error, $"{error} (injected at call {call.Number})");

    private void Rename(IReadOnlyList<(DirectoryNode Directory, string Name, Node? Node)> changes)
    {
        foreach (var (directory, name, node) in changes)
        {
            if (node is null)
                directory.Visible.Remove(name);
            else
                directory.Visible[name] = node;
        }

        _disk.Add(new PendingChange.Names(changes));
    }
}
