using Muster.CrashPoints.Tests.Harness;
using Muster.CrashPoints.Tests.Paths;

namespace Muster.CrashPoints.Tests;

/// <summary>A harness that has never failed proves nothing.</summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    public static TheoryData<string, PlantedBug> Pairs => new()
    {
        { "log append", PlantedBug.ForgetFileSync },
        { "log append", PlantedBug.ForgetDirectorySync },
        { "log append", PlantedBug.IgnoreFailedSync },
        { "log append", PlantedBug.IgnoreFailedWrite },
        { "log append", PlantedBug.SkipRewrite },
        { "log group commit", PlantedBug.ForgetFileSync },
        { "log group commit", PlantedBug.IgnoreFailedSync },
        { "segment roll", PlantedBug.ForgetFileSync },
        { "segment roll", PlantedBug.ForgetDirectorySync },
        { "segment roll", PlantedBug.IgnoreFailedWrite },
        { "recovery's tail cut", PlantedBug.ForgetFileSync },
        { "snapshot and log truncation", PlantedBug.ForgetFileSync },
        { "snapshot and log truncation", PlantedBug.ForgetDirectorySync },
        { "snapshot and log truncation", PlantedBug.IgnoreFailedSync },
        { "snapshot and log truncation", PlantedBug.WriteInPlace },
        { "whole file", PlantedBug.ForgetFileSync },
        { "whole file", PlantedBug.ForgetDirectorySync },
        { "whole file", PlantedBug.WriteInPlace },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_planted_bug_is_found(string path, PlantedBug bug)
    {
        CrashPointScenario[] paths =
            [new LogAppend(), new LogGroupCommit(), new SegmentRoll(), new TailCut(), new SnapshotAndTruncation(), new FileReplacement()];
        var harness = new CrashPointHarness(
            new WithPlantedBug(paths.Single(known => known.Name == path), bug), new CrashPointBudget(ExhaustiveMax: 6, Samples: 32), seed: 1);

        var found = Assert.Throws<CrashPointException>(() => harness.CrashEverywhere().FailEverywhere());

        output.WriteLine($"after {harness.Counts}: {found.Message}");
    }
}
