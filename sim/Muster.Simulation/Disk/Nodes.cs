namespace Muster.Simulation.Disk;

/// <summary>Bytes of a file that read as zero where nothing was written.</summary>
internal sealed class Content
{
    private byte[] _bytes = [];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    public Content Copy() => new() { _bytes = Bytes.ToArray(), Length = Length };

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        var end = checked((int)(offset + bytes.Length));
        if (end > Length)
            SetLength(end);
        bytes.CopyTo(_bytes.AsSpan((int)offset));
    }

    public void SetLength(long length)
    {
        var wanted = checked((int)length);
        if (wanted > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(wanted, Math.Min(2 * _bytes.Length, 1 << 30)));
        if (wanted < Length)
            _bytes.AsSpan(wanted, Length - wanted).Clear();
        Length = wanted;
    }
}

/// <summary>What a name stands for: as processes see it, and as it would be after a power loss.</summary>
internal abstract class Node
{
    public abstract Node CopyEmpty();
}

internal sealed class FileNode : Node
{
    public Content Visible { get; set; } = new();

    public Content Durable { get; set; } = new();

    public override Node CopyEmpty() => new FileNode { Visible = Visible.Copy(), Durable = Durable.Copy() };
}

internal sealed class DirectoryNode : Node
{
    public SortedDictionary<string, Node> Visible { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, Node> Durable { get; } = new(StringComparer.Ordinal);

    public override Node CopyEmpty() => new DirectoryNode();
}

/// <summary>A change that a power loss may take back; each one alone.</summary>
internal abstract record PendingChange
{
    private PendingChange() { }

    /// <summary>Makes the change durable.</summary>
    public abstract void Apply();

    public abstract PendingChange On(Func<Node, Node> copies);

    /// <summary>One sector as it was in memory after a write.</summary>
    public sealed record Sector(FileNode File, long Offset, byte[] Bytes) : PendingChange
    {
        public override void Apply() => File.Durable.Write(Offset, Bytes);

        public override PendingChange On(Func<Node, Node> copies) => new Sector((FileNode)copies(File), Offset, Bytes);

        public override string ToString() => $"sector {Offset / SimulatedDisk.SectorBytes} ({Bytes.Length} bytes)";
    }

    /// <summary>A file's length; growing, it may come without the bytes.</summary>
    public sealed record Length(FileNode File, long To, bool IsCut) : PendingChange
    {
        public override void Apply()
        {
            if (IsCut || To > File.Durable.Length)
                File.Durable.SetLength(To);
        }

        public override PendingChange On(Func<Node, Node> copies) => new Length((FileNode)copies(File), To, IsCut);

        public override string ToString() => $"length {To}";
    }

    /// <summary>Names that change together: one for a creation or deletion, two for a rename.</summary>
    public sealed record Names(IReadOnlyList<(DirectoryNode Directory, string Name, Node? Node)> Changes) : PendingChange
    {
        public override void Apply()
        {
            foreach (var (directory, name, node) in Changes)
            {
                if (node is null)
                    directory.Durable.Remove(name);
                else
                    directory.Durable[name] = node;
            }
        }

        public override PendingChange On(Func<Node, Node> copies) => new Names(
            [.. Changes.Select(change => (
                (DirectoryNode)copies(change.Directory), change.Name, change.Node is null ? null : copies(change.Node)))]);

        public override string ToString() =>
            string.Join(" and ", Changes.Select(change => $"{(change.Node is null ? "-" : "+")}{change.Name}"));
    }
}
