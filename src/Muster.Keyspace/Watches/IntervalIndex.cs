using Muster.Primitives;

namespace Muster.Keyspace.Watches;

/// <summary>Which watches want a key: found by the intervals around it, not by asking every watch.</summary>
/// <remarks>
/// A treap (Seidel and Aragon, Algorithmica 1996) ordered by interval and augmented with the highest end below each node.
/// Priorities come from a counter, so the shape, like everything here, depends on the calls alone.
/// </remarks>
internal sealed class IntervalIndex
{
    private readonly SeededRandom _priorities = new(1);
    private Node? _root;

    public void Add(KeyRange range, WatchId watch) => _root = Add(_root, range.Start, EndOf(range), watch);

    public void Remove(KeyRange range, WatchId watch) => _root = Remove(_root, range.Start, EndOf(range), watch);

    /// <summary>Calls back with every watch whose interval holds the key.</summary>
    public void Visit(ByteString key, Action<WatchId> visit) => Visit(_root, key, visit);

    // No end (null) is the highest.
    private static ByteString? EndOf(KeyRange range) =>
        range.IsOpen ? null : range.IsSingle ? new ByteString([.. range.Start.Span, 0]) : range.End;

    private static int CompareEnds(ByteString? left, ByteString? right) =>
        (left, right) switch
        {
            (null, null) => 0,
            (null, _) => 1,
            (_, null) => -1,
            ({ } l, { } r) => l.CompareTo(r),
        };

    private Node Add(Node? node, ByteString start, ByteString? end, WatchId watch)
    {
        if (node is null)
            return new(start, end, _priorities.NextUInt64()) { Watches = { watch } };
        var order = Order(node, start, end);
        if (order == 0)
        {
            node.Watches.Add(watch);
            return node;
        }

        if (order < 0)
        {
            node.Left = Add(node.Left, start, end, watch);
            return node.Left.Priority > node.Priority ? RotateRight(node) : Updated(node);
        }

        node.Right = Add(node.Right, start, end, watch);
        return node.Right.Priority > node.Priority ? RotateLeft(node) : Updated(node);
    }

    private static Node? Remove(Node? node, ByteString start, ByteString? end, WatchId watch)
    {
        if (node is null)
            return null;
        var order = Order(node, start, end);
        if (order < 0)
            node.Left = Remove(node.Left, start, end, watch);
        else if (order > 0)
            node.Right = Remove(node.Right, start, end, watch);
        else if (node.Watches.Remove(watch) && node.Watches.Count == 0)
            return Merge(node.Left, node.Right);
        return Updated(node);
    }

    private static void Visit(Node? node, ByteString key, Action<WatchId> visit)
    {
        while (node is not null && Below(key, node.Highest))
        {
            Visit(node.Left, key, visit);
            if (key.CompareTo(node.Start) < 0)
                return;
            if (Below(key, node.End))
            {
                foreach (var watch in node.Watches)
                    visit(watch);
            }

            node = node.Right;
        }
    }

    private static bool Below(ByteString key, ByteString? end) => end is not { } bound || key.CompareTo(bound) < 0;

    private static int Order(Node node, ByteString start, ByteString? end)
    {
        var order = start.CompareTo(node.Start);
        return order != 0 ? order : CompareEnds(end, node.End);
    }

    private static Node? Merge(Node? left, Node? right)
    {
        if (left is null || right is null)
            return left ?? right;
        if (left.Priority > right.Priority)
        {
            left.Right = Merge(left.Right, right);
            return Updated(left);
        }

        right.Left = Merge(left, right.Left);
        return Updated(right);
    }

    private static Node RotateRight(Node node)
    {
        var top = node.Left!;
        node.Left = top.Right;
        top.Right = Updated(node);
        return Updated(top);
    }

    private static Node RotateLeft(Node node)
    {
        var top = node.Right!;
        node.Right = top.Left;
        top.Left = Updated(node);
        return Updated(top);
    }

    private static Node Updated(Node node)
    {
        node.Highest = node.End;
        if (node.Left is { } left && CompareEnds(left.Highest, node.Highest) > 0)
            node.Highest = left.Highest;
        if (node.Right is { } right && CompareEnds(right.Highest, node.Highest) > 0)
            node.Highest = right.Highest;
        return node;
    }

    private sealed class Node(ByteString start, ByteString? end, ulong priority)
    {
        public ByteString Start { get; } = start;

        public ByteString? End { get; } = end;

        public ulong Priority { get; } = priority;

        public ByteString? Highest { get; set; } = end;

        public Node? Left { get; set; }

        public Node? Right { get; set; }

        public SortedSet<WatchId> Watches { get; } = [];
    }
}
