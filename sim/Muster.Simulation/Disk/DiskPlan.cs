using Muster.Runtime;

namespace Muster.Simulation.Disk;

/// <summary>A call that a process is about to make on a simulated disk.</summary>
/// <param name="Number">Counts from 1 for each mount.</param>
/// <param name="Operation">open, read, write, length, sync, rename, delete, list, exists, mkdir or syncdir.</param>
/// <param name="Path">The file or directory.</param>
/// <param name="Offset">Of a read or write, or the new length.</param>
/// <param name="Bytes">Of a read or write.</param>
public sealed record DiskCall(long Number, string Operation, string Path, long Offset, int Bytes)
{
    /// <summary>Whether it can change what the disk holds.</summary>
    public bool IsChange => Operation is not ("read" or "list" or "exists");

    /// <inheritdoc/>
    public override string ToString() => Operation switch
    {
        "read" or "write" => $"{Operation} {Path} {Bytes} at {Offset}",
        "length" => $"{Operation} {Path} {Offset}",
        _ => $"{Operation} {Path}",
    };
}

/// <summary>What happens to a call.</summary>
public abstract record DiskVerdict
{
    private DiskVerdict() { }

    /// <summary>It succeeds at once.</summary>
    public static DiskVerdict Proceed { get; } = new Success(TimeSpan.Zero);

    /// <summary>It succeeds, but only in a later turn of the caller's context.</summary>
    public static DiskVerdict Later { get; } = new Turn();

    /// <summary>It succeeds after a time; virtual when the mount has a process of the simulation.</summary>
    public sealed record Success(TimeSpan After) : DiskVerdict;

    /// <summary>See <see cref="Later"/>.</summary>
    public sealed record Turn : DiskVerdict;

    /// <summary>It fails and changes nothing; a sync that fails loses what it was to make durable, as Linux does: the bytes stay
    /// readable, are called clean, and never reach the disk unless they are written again.</summary>
    public sealed record Failure(VolumeError Error) : DiskVerdict;

    /// <summary>A write that stops after some bytes and then fails.</summary>
    public sealed record ShortWrite(int Bytes, VolumeError Error) : DiskVerdict;
}

/// <summary>Decides what happens to each call: a seeded plan of faults, or a harness that tries them all.</summary>
public interface IDiskPlan
{
    /// <summary>Asked before each call. It may look at the disk, and copy it: that is the moment of a crash point.</summary>
    DiskVerdict Before(DiskCall call);
}
