using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Disk;

/// <summary>A disk in memory that forgets, on a power loss, any part of what was not synced.</summary>
/// <remarks>
/// It promises less than any file system does: un-synced sectors, lengths and names survive or not, each on its own and in
/// any combination; what was synced survives. A name becomes durable only when its directory is synced. Within a sector, of
/// 512 bytes, a write is whole. Processes come and go by mounting it; their death alone loses nothing.
/// </remarks>
public sealed class SimulatedDisk
{
    /// <summary>What is written whole or not at all, bytes.</summary>
    public const int SectorBytes = 512;

    private List<PendingChange> _pending = [];

    internal DirectoryNode Root { get; private set; } = new();

    /// <summary>Changes that a power loss may take back.</summary>
    public int PendingChanges => _pending.Count;

    /// <summary>The same, in words, oldest first.</summary>
    public IReadOnlyList<string> DescribePending() => [.. _pending.Select(change => change.ToString())];

    /// <summary>Makes the disk usable by a process.</summary>
    /// <param name="process">Whose calls are crash points; null outside the simulation's kernel.</param>
    /// <param name="plan">What happens to its calls; null: all succeed at once.</param>
    public SimulatedVolume Mount(ICrashPoint? process = null, IDiskPlan? plan = null) => new(this, process, plan);

    /// <summary>A copy that goes its own way: what another process would find if its predecessor died now, with the power on.</summary>
    public SimulatedDisk Fork()
    {
        var copies = new Dictionary<Node, Node>(ReferenceEqualityComparer.Instance);
        var fork = new SimulatedDisk { Root = (DirectoryNode)Copy(Root) };
        fork._pending = [.. _pending.Select(change => change.On(Copy))];
        return fork;

        Node Copy(Node node)
        {
            if (copies.TryGetValue(node, out var known))
                return known;
            var copy = copies[node] = node.CopyEmpty();
            if (node is DirectoryNode from && copy is DirectoryNode to)
            {
                foreach (var (name, child) in from.Visible)
                    to.Visible[name] = Copy(child);
                foreach (var (name, child) in from.Durable)
                    to.Durable[name] = Copy(child);
            }

            return copy;
        }
    }

    /// <summary>A copy as it would be found after a power loss now.</summary>
    /// <param name="survives">Whether a pending change, by its place in <see cref="DescribePending"/>, reached the disk.</param>
    public SimulatedDisk AfterPowerLoss(Func<int, bool> survives)
    {
        var copy = Fork();
        copy.LosePower(survives);
        return copy;
    }

    /// <summary>Loses power here: each pending change survives with even chance, or, in half of all cases, up to some point.</summary>
    public void LosePower(SeededRandom chance)
    {
        ArgumentNullException.ThrowIfNull(chance);
        var prefix = chance.Chance(0.5) ? chance.Next(_pending.Count + 1) : 0;
        LosePower(index => index < prefix || chance.Chance(prefix > 0 ? 0.1 : 0.5));
    }

    /// <summary>Everything pending becomes durable: what a disk does when left alone for long.</summary>
    public void Settle() => LosePower(_ => true);

    /// <summary>Inverts one bit of a file, in memory and on the disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bit">Counted from the file's first byte, lowest bit first.</param>
    public void FlipBit(string path, long bit)
    {
        var file = FindFile(path);
        foreach (var content in (Content[])[file.Visible, file.Durable])
        {
            if (bit / 8 < content.Length)
                content.Write(bit / 8, [(byte)(content.Bytes[(int)(bit / 8)] ^ (1 << (int)(bit % 8)))]);
        }
    }

    /// <summary>Overwrites part of a file behind everyone's back: a zeroed, stale or misdirected sector.</summary>
    public void Overwrite(string path, long offset, ReadOnlySpan<byte> bytes)
    {
        var file = FindFile(path);
        file.Visible.Write(offset, bytes);
        file.Durable.Write(offset, bytes);
    }

    /// <summary>What a file holds, as processes see it.</summary>
    public byte[] ReadAll(string path) => FindFile(path).Visible.Bytes.ToArray();

    /// <summary>What a file would hold after a power loss that takes back all that is pending; null: it would not be there.</summary>
    public byte[]? ReadDurable(string path) => (Paths.FindDurable(Root, path) as FileNode)?.Durable.Bytes.ToArray();

    /// <summary>All files, by path.</summary>
    public IReadOnlyList<string> Files()
    {
        var found = new List<string>();
        Walk(Root, "", (path, node) =>
        {
            if (node is FileNode)
                found.Add(path);
        });
        return found;
    }

    /// <summary>A digest of everything processes can see: equal for equal contents.</summary>
    public UInt128 Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var (path, node) in List())
        {
            hash.AppendData(Encoding.UTF8.GetBytes(path));
            BinaryPrimitives.WriteInt32LittleEndian(length, node is FileNode known ? known.Visible.Length : -1);
            hash.AppendData(length);
            if (node is FileNode file)
                hash.AppendData(file.Visible.Bytes);
        }

        return BinaryPrimitives.ReadUInt128LittleEndian(hash.GetHashAndReset());
    }

    internal void Add(PendingChange change) => _pending.Add(change);

    internal void SyncFile(FileNode file) => Commit(change => IsOf(change, file));

    internal void SyncDirectory(DirectoryNode directory) => Commit(
        change => change is PendingChange.Names names && names.Changes.Any(name => name.Directory == directory));

    /// <summary>A failed sync: the sectors stay readable and are never written; the length may still come.</summary>
    internal void ForgetSectors(FileNode file) =>
        _pending.RemoveAll(change => change is PendingChange.Sector sector && sector.File == file);

    private static bool IsOf(PendingChange change, FileNode file) => change switch
    {
        PendingChange.Sector sector => sector.File == file,
        PendingChange.Length length => length.File == file,
        _ => false,
    };

    private static void Walk(DirectoryNode directory, string prefix, Action<string, Node> visit)
    {
        foreach (var (name, node) in directory.Visible)
        {
            visit(prefix + name, node);
            if (node is DirectoryNode child)
                Walk(child, $"{prefix}{name}/", visit);
        }
    }

    private static void ShowDurable(DirectoryNode directory)
    {
        directory.Visible.Clear();
        foreach (var (name, node) in directory.Durable)
        {
            directory.Visible[name] = node;
            if (node is DirectoryNode child)
                ShowDurable(child);
            else if (node is FileNode file)
                file.Visible = file.Durable.Copy();
        }
    }

    private List<(string Path, Node Node)> List()
    {
        var found = new List<(string, Node)>();
        Walk(Root, "", (path, node) => found.Add((path, node)));
        return found;
    }

    private FileNode FindFile(string path) =>
        Paths.Find(Root, path) as FileNode ?? throw new VolumeException("open", path, VolumeError.NotFound, "no such file");

    private void LosePower(Func<int, bool> survives)
    {
        for (var i = 0; i < _pending.Count; i++)
        {
            if (survives(i))
                _pending[i].Apply();
        }

        _pending.Clear();
        ShowDurable(Root);
    }

    private void Commit(Predicate<PendingChange> which)
    {
        foreach (var change in _pending.Where(change => which(change)))
            change.Apply();
        _pending.RemoveAll(which);
    }
}
