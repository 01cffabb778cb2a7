using System.Runtime.InteropServices;

namespace Muster.Worker.Collectives;

internal enum CallKind : byte
{
    AllReduce = 1,
    ReduceScatter = 2,
    AllGather = 3,
    Broadcast = 4,
    Barrier = 5,
}

internal enum ElementType : byte
{
    Bytes = 0,
    Single = 1,
    Double = 2,
    Half = 3,
}

/// <summary>What a rank believes it is calling. Ranks compare it before they touch each other's data.</summary>
/// <remarks>Sequence: The how-manieth call on this group, from 1.
/// Count: Elements (reductions) or bytes (everything else) per rank.
/// Root: The root of a broadcast, else 0.</remarks>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal readonly record struct CallHeader(
    long Sequence, long Count, int Root, CallKind Kind, ReduceOperation Operation, ElementType Element)
{
    public const int Bytes = 64;

    public override string ToString() => Kind switch
    {
        CallKind.AllReduce or CallKind.ReduceScatter => $"call {Sequence}, {Kind}({Operation}, {Count} × {Element})",
        CallKind.Broadcast => $"call {Sequence}, {Kind}({Count} bytes from rank {Root})",
        CallKind.AllGather => $"call {Sequence}, {Kind}({Count} bytes per rank)",
        _ => $"call {Sequence}, {Kind}",
    };
}

/// <summary>How data of any length is cut into one segment per rank. The cut fixes the order of reduction.</summary>
/// <remarks>Segment s is combined in the order s+1, s+2, …, s (modulo the world size), as a ring does it.</remarks>
internal readonly struct Segments(long count, int worldSize)
{
    public long Length { get; } = (count + worldSize - 1) / worldSize;

    /// <summary>The part of segment <paramref name="segment"/> that begins at <paramref name="offset"/>.</summary>
    public (long Start, int Count) Part(int segment, long offset, long countMax)
    {
        var start = Math.Min((segment * Length) + offset, count);
        var end = Math.Min(Math.Min((segment + 1) * Length, count), start + countMax);
        return (start, (int)Math.Max(0, end - start));
    }
}
