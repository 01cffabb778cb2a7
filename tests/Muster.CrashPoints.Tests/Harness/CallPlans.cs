using Muster.Simulation.Disk;

namespace Muster.CrashPoints.Tests.Harness;

/// <summary>Lets every call succeed, and looks at the disk before each.</summary>
internal sealed class WatchEachCall(Action<DiskCall> before, bool syncsTakeTurns) : IDiskPlan
{
    public DiskVerdict Before(DiskCall call)
    {
        before(call);
        return syncsTakeTurns && call.Operation == "sync" ? DiskVerdict.Later : DiskVerdict.Proceed;
    }
}

/// <summary>Makes one call fail, once.</summary>
internal sealed class FailOneCall(long number, DiskVerdict failure, bool syncsTakeTurns) : IDiskPlan
{
    public DiskVerdict Before(DiskCall call)
    {
        if (call.Number == number)
            return failure;
        return syncsTakeTurns && call.Operation == "sync" ? DiskVerdict.Later : DiskVerdict.Proceed;
    }
}
