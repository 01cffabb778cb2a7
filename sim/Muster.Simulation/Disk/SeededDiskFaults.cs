using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Simulation.Disk;

/// <summary>How often a disk misbehaves, and how long it takes.</summary>
public sealed record DiskFaultRates
{
    /// <summary>A disk that never fails and takes no time.</summary>
    public static DiskFaultRates None { get; } = new();

    /// <summary>Probability that a call fails with EIO.</summary>
    public double Errors { get; init; }

    /// <summary>Probability that a write or creation finds the disk full; half of such writes stop part-way.</summary>
    public double Full { get; init; }

    /// <summary>Probability that a changing call is refused: the file system turned read-only.</summary>
    public double Denied { get; init; }

    /// <summary>Probability that a call stalls.</summary>
    public double Stalls { get; init; }

    /// <summary>The longest stall; each lasts up to it.</summary>
    public TimeSpan StallMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The least that a sync takes.</summary>
    public TimeSpan SyncMin { get; init; }

    /// <summary>The most that a sync takes, stalls aside; more than <see cref="SyncMin"/>, or both zero.</summary>
    public TimeSpan SyncMax { get; init; }
}

/// <summary>Faults and delays drawn from a seed.</summary>
public sealed class SeededDiskFaults(SeededRandom chance, DiskFaultRates rates) : IDiskPlan
{
    /// <summary>What is drawn from; may be changed at any time, for one to let the disk heal.</summary>
    public DiskFaultRates Rates { get; set; } = rates;

    /// <summary>Calls that were made to fail.</summary>
    public long Failures { get; private set; }

    /// <inheritdoc/>
    public DiskVerdict Before(DiskCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var failure = Draw(call);
        if (failure is not null)
        {
            Failures++;
            return failure;
        }

        var isSync = call.Operation is "sync" or "syncdir" && Rates.SyncMax > Rates.SyncMin;
        var time = isSync ? chance.Between(Rates.SyncMin, Rates.SyncMax) : TimeSpan.Zero;
        if (chance.Chance(Rates.Stalls))
            time += chance.Between(TimeSpan.Zero, Rates.StallMax);
        return time > TimeSpan.Zero ? new DiskVerdict.Success(time) : DiskVerdict.Proceed;
    }

    // Every draw is made for every call, so that changing one rate does not shift the others.
    private DiskVerdict? Draw(DiskCall call)
    {
        var (error, full, denied, part) =
            (chance.Chance(Rates.Errors), chance.Chance(Rates.Full), chance.Chance(Rates.Denied), chance.NextDouble());
        if (error)
            return new DiskVerdict.Failure(VolumeError.Device);
        if (full && call.Operation == "write")
            return new DiskVerdict.ShortWrite(part < 0.5 ? 0 : (int)(part * call.Bytes), VolumeError.Full);
        if (full && call.Operation is ("open" or "mkdir"))
            return new DiskVerdict.Failure(VolumeError.Full);
        return denied && call.IsChange ? new DiskVerdict.Failure(VolumeError.Denied) : null;
    }
}
