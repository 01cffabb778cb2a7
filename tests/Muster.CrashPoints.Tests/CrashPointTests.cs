using Muster.CrashPoints.Tests.Harness;
using Muster.CrashPoints.Tests.Paths;

namespace Muster.CrashPoints.Tests;

public sealed class CrashPointTests(ITestOutputHelper output)
{
    private static readonly ulong Seed = ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    [Fact]
    public void Appended_records_survive_a_crash_at_any_disk_call() => Check(new LogAppend(), imagesMin: 100);

    [Fact]
    public void Records_that_share_a_sync_survive_a_crash_at_any_disk_call() => Check(new LogGroupCommit(), imagesMin: 100);

    [Fact]
    public void Rolling_a_segment_loses_nothing_at_any_disk_call() => Check(new SegmentRoll(), imagesMin: 100);

    [Fact]
    public void Cutting_a_torn_tail_can_itself_be_cut_short() => Check(new TailCut(), imagesMin: 100);

    [Fact]
    public void Snapshots_and_the_deletion_of_the_log_behind_them_lose_nothing_at_any_disk_call() =>
        Check(new SnapshotAndTruncation(), imagesMin: 100);

    [Fact]
    public void A_whole_file_is_the_old_or_the_new_one_after_a_crash_at_any_disk_call() => Check(new FileReplacement(), imagesMin: 100);

    private void Check(CrashPointScenario scenario, int imagesMin)
    {
        var harness = new CrashPointHarness(scenario, new CrashPointBudget(), Seed).CrashEverywhere().FailEverywhere();

        output.WriteLine($"{scenario.Name}: {harness.Counts}");
        Assert.True(harness.Counts.Images >= imagesMin, $"{harness.Counts} is less than the {imagesMin} images that are claimed");
    }
}
