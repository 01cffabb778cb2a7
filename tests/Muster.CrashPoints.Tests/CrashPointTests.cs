using Muster.CrashPoints.Tests.Harness;
using Muster.CrashPoints.Tests.Paths;

namespace Muster.CrashPoints.Tests;

public sealed class CrashPointTests(ITestOutputHelper output)
{
    private static readonly ulong Seed = ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    // 1,766 to 1,854 images over 73 seeds; the other floors below are as far from what their paths draw.
    private const int FileImagesMin = 1_700;

    [Fact]
    public void Appended_records_survive_a_crash_at_any_disk_call() => Check(new LogAppend(), imagesMin: 8_500);

    [Fact]
    public void Records_that_share_a_sync_survive_a_crash_at_any_disk_call() => Check(new LogGroupCommit(), imagesMin: 500);

    [Fact]
    public void Rolling_a_segment_loses_nothing_at_any_disk_call() => Check(new SegmentRoll(), imagesMin: 5_500);

    [Fact]
    public void Cutting_a_torn_tail_can_itself_be_cut_short() => Check(new TailCut(), imagesMin: 1_700);

    [Fact]
    public void Snapshots_and_the_deletion_of_the_log_behind_them_lose_nothing_at_any_disk_call() =>
        Check(new SnapshotAndTruncation(), imagesMin: 2_200);

    [Fact]
    public void A_whole_file_is_the_old_or_the_new_one_after_a_crash_at_any_disk_call() => Check(new FileReplacement(), FileImagesMin);

    /// <summary>Floors hold for every seed: subsets that are sampled may coincide, and this seed drew few different ones.</summary>
    [Fact]
    public void A_seed_that_draws_few_images_reaches_the_floor() => Check(new FileReplacement(), FileImagesMin, seed: 232650147369150);

    [Fact]
    public void A_data_directory_is_marked_once_whatever_call_a_crash_hits() => Check(new DirectoryClaim(), imagesMin: 25);

    [Fact]
    public void An_acknowledged_shard_has_its_digests_after_a_crash_at_any_disk_call() => Check(new ShardSealedInPlace(), imagesMin: 1500);

    [Fact]
    public void An_acknowledged_copy_of_a_shard_has_its_digests_after_a_crash_at_any_disk_call() => Check(new ShardCopied(), imagesMin: 1500);

    [Fact]
    public void A_manifest_is_there_only_with_all_its_shards_after_a_crash_at_any_disk_call() => Check(new ManifestWritten(), imagesMin: 700);

    [Fact]
    public void A_deletion_leaves_a_whole_checkpoint_or_an_orphan_after_a_crash_at_any_disk_call() => Check(new CheckpointDeleted(), imagesMin: 900);

    [Fact]
    public void A_keepers_exits_survive_a_crash_at_any_disk_call() => Check(new KeeperExits(), imagesMin: 200);

    [Fact]
    public void An_agents_journal_survives_a_crash_at_any_disk_call() => Check(new AgentJobs(), imagesMin: 200);

    [Fact]
    public void Committed_transactions_and_their_revisions_survive_a_crash_at_any_disk_call() => Check(new StoreCommit(), imagesMin: 2000);

    private void Check(CrashPointScenario scenario, int imagesMin, ulong? seed = null)
    {
        var harness = new CrashPointHarness(scenario, new CrashPointBudget(), seed ?? Seed).CrashEverywhere().FailEverywhere();

        output.WriteLine($"count: {scenario.Name}: {harness.Counts}");
        Assert.True(harness.Counts.Images >= imagesMin, $"{harness.Counts} is less than the {imagesMin} images that are claimed");
    }
}
