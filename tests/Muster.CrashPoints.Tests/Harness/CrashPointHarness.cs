using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Disk;

namespace Muster.CrashPoints.Tests.Harness;

/// <summary>How much is enumerated and how much sampled.</summary>
/// <param name="ExhaustiveMax">Un-synced changes of which all subsets are tried.</param>
/// <param name="Samples">Subsets tried beyond that.</param>
/// <param name="DoubleExhaustiveMax">The same, for a second crash during recovery.</param>
/// <param name="DoubleSamples">The same, for a second crash during recovery.</param>
public sealed record CrashPointBudget(
    int ExhaustiveMax = 10, int Samples = 1024, int DoubleExhaustiveMax = 4, int DoubleSamples = 12);

/// <summary>What was tried.</summary>
public sealed class CrashPointCounts
{
    /// <summary>Disk calls of the path: each is a crash point, before and after.</summary>
    public int Calls { get; set; }

    /// <summary>Disk images recovered and checked; equal images under equal promises count once.</summary>
    public int Images { get; set; }

    /// <summary>Of these, images of a second crash, during or after a recovery.</summary>
    public int DoubleImages { get; set; }

    /// <summary>Runs in which one call failed.</summary>
    public int Faults { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Calls} calls, {Images} images ({DoubleImages} double), {Faults} faults";
}

/// <summary>Crashes a path at each of its disk calls, in every way the disk may forget, and recovers.</summary>
/// <remarks>
/// Nothing needs to be killed: before each call the disk is copied as a crash would leave it, the copy is recovered and
/// checked, and the path goes on. The state before a call with any part of what is pending covers "after the call before"
/// and "in the middle of it": a write that was torn is one of which some sectors survive.
/// </remarks>
public sealed class CrashPointHarness(CrashPointScenario scenario, CrashPointBudget budget, ulong seed)
{
    private readonly SeededRandom _chance = new(seed);
    private readonly HashSet<(UInt128 Image, int Attempted, int Promised, bool IsFinal)> _seen = [];

    /// <summary>What was tried so far.</summary>
    public CrashPointCounts Counts { get; } = new();

    /// <summary>Crashes the path everywhere, and each recovery everywhere.</summary>
    public CrashPointHarness CrashEverywhere()
    {
        var (disk, ledger) = Prepare();
        var volume = disk.Mount(plan: new WatchEachCall(call => CrashNow(disk, ledger, $"before call {call.Number}, {call}"),
            scenario.SyncsTakeTurns));
        LoopContext.Run(scenario.Name, () => scenario.RunAsync(volume, ledger));
        CrashNow(disk, ledger, "after the last call");
        Counts.Calls = (int)volume.Calls;
        return this;
    }

    /// <summary>Makes each call of the path fail in each way, then restarts, with and without a power loss.</summary>
    public CrashPointHarness FailEverywhere()
    {
        foreach (var call in Record())
        {
            foreach (var failure in Failures(call))
                FailOne(call, failure);
        }

        return this;
    }

    private static IEnumerable<DiskVerdict> Failures(DiskCall call)
    {
        foreach (var error in (VolumeError[])[VolumeError.Device, VolumeError.Full, VolumeError.Denied])
            yield return new DiskVerdict.Failure(error);
        if (call.Operation != "write")
            yield break;
        foreach (var part in (int[])[1, call.Bytes / 2, Math.Max(0, call.Bytes - 1)])
            yield return new DiskVerdict.ShortWrite(part, VolumeError.Full);
    }

    /// <summary>Runs something whose disk answers at once; the path's own loop, on which this is called, stands still.</summary>
    private static void RunSynchronously(Func<Task> work)
    {
        var loop = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var task = work();
            if (!task.IsCompleted)
                throw new CrashPointException("it waits for something that never comes");
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(loop);
        }
    }

    private (SimulatedDisk Disk, Ledger Ledger) Prepare()
    {
        var disk = new SimulatedDisk();
        var ledger = new Ledger();
        RunSynchronously(() => scenario.PrepareAsync(disk, ledger));
        return (disk, ledger);
    }

    private List<DiskCall> Record()
    {
        var (disk, ledger) = Prepare();
        var calls = new List<DiskCall>();
        LoopContext.Run(scenario.Name, () =>
            scenario.RunAsync(disk.Mount(plan: new WatchEachCall(calls.Add, scenario.SyncsTakeTurns)), ledger));
        return calls;
    }

    private void FailOne(DiskCall call, DiskVerdict failure)
    {
        var where = $"{failure} of call {call.Number}, {call}";
        var (disk, ledger) = Prepare();
        var volume = disk.Mount(plan: new FailOneCall(call.Number, failure, scenario.SyncsTakeTurns));
        try
        {
            LoopContext.Run(scenario.Name, () => scenario.RunAsync(volume, ledger));
            throw Wrong(where, "the error was not reported", null);
        }
        catch (VolumeException)
        {
            Counts.Faults++;
        }

        // An acknowledgement after the failure would be missing in the image of which nothing un-synced survived.
        Recover(disk.Fork(), ledger.Copy(), $"{where}, restart", isDouble: false);
        foreach (var survives in Subsets.Of(disk.PendingChanges, budget.DoubleExhaustiveMax, budget.DoubleSamples, _chance))
            RecoverOnce(disk.AfterPowerLoss(survives), ledger, $"{where}, power loss");
    }

    private void CrashNow(SimulatedDisk disk, Ledger ledger, string where)
    {
        // The process alone dies: everything is still visible, and can still be lost.
        Recover(disk.Fork(), ledger.Copy(), $"killed {where}", isDouble: false);
        foreach (var survives in Subsets.Of(disk.PendingChanges, budget.ExhaustiveMax, budget.Samples, _chance))
        {
            var image = disk.AfterPowerLoss(survives);
            if (_seen.Add((image.Fingerprint(), ledger.Attempted.Count, ledger.Promised, false)))
                Recover(image, ledger.Copy(), $"power loss {where}; {Describe(disk, survives)}", isDouble: false);
        }
    }

    /// <summary>Recovers, with a second crash before each of the recovery's calls and after its last.</summary>
    private void Recover(SimulatedDisk disk, Ledger ledger, string where, bool isDouble)
    {
        Counts.Images++;
        var volume = disk.Mount(plan: new WatchEachCall(call => CrashAgain($"before call {call.Number}, {call}"), false));
        Guard(where, () => RunSynchronously(() => scenario.RecoverAsync(volume, ledger)));
        CrashAgain("after the last call");

        void CrashAgain(string again)
        {
            foreach (var survives in Subsets.Of(disk.PendingChanges, budget.DoubleExhaustiveMax, budget.DoubleSamples, _chance))
            {
                var image = disk.AfterPowerLoss(survives);
                RecoverOnce(image, ledger, $"{where}; then, in recovery, power loss {again}; {Describe(disk, survives)}");
            }
        }
    }

    private void RecoverOnce(SimulatedDisk image, Ledger ledger, string where)
    {
        if (!_seen.Add((image.Fingerprint(), ledger.Attempted.Count, ledger.Promised, true)))
            return;
        Counts.Images++;
        Counts.DoubleImages++;
        Guard(where, () => RunSynchronously(() => scenario.RecoverAsync(image.Mount(), ledger.Copy())));
    }

    private void Guard(string where, Action recover)
    {
        try
        {
            recover();
        }
        catch (Exception error)
        {
            throw Wrong(where, error.Message, error);
        }
    }

    private CrashPointException Wrong(string where, string what, Exception? inner) =>
        new($"{scenario.Name}, seed {seed}: {where}: {what}", inner);

    private static string Describe(SimulatedDisk disk, Func<int, bool> survives) =>
        "pending: " + string.Join(", ", disk.DescribePending().Select((change, index) => (survives(index) ? "kept " : "lost ") + change));
}
