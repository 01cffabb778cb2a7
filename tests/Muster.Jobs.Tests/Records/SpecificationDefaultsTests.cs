using Muster.Jobs.Records;
using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Jobs.Tests.Records;

/// <summary>A record that a neighbouring version wrote without a member has its default, not zero.</summary>
public sealed class SpecificationDefaultsTests
{
    private static readonly JobSpecification s_blank = new() { Name = new JobId("charlm"), Run = ["python3"], WorkingDirectory = "/srv" };

    [Theory]
    [InlineData("")]
    [InlineData(""","gang":{"nodesMax":4},"checkpoint":{},"restart":{},"liveness":{},"stop":{},"schedule":{}""")]
    public void What_a_stored_specification_leaves_out_has_its_default(string sections)
    {
        var json = $$"""{"v":1,"specification":{"name":"charlm","run":["python3"],"workingDirectory":"/srv"{{sections}}},"program":"p","submission":1,"beginsAt":1}""";

        var record = RecordJson.Decode(new ByteString(System.Text.Encoding.UTF8.GetBytes(json)), RecordContext.Default.SpecificationRecord, out var error);

        Assert.Null(error);
        var read = record!.Specification;
        Assert.Equal(sections.Length > 0 ? 4 : 1, read.Gang.NodesMax);
        Assert.Equal(
            (s_blank.Gang, s_blank.Checkpoint, s_blank.Restart, s_blank.Liveness, s_blank.Stop, s_blank.Schedule, s_blank.FailureGrace),
            (read.Gang with { NodesMax = 1 }, read.Checkpoint, read.Restart, read.Liveness, read.Stop, read.Schedule, read.FailureGrace));
    }

    [Fact]
    public void A_member_that_is_there_twice_is_a_problem_and_nothing_is_thrown()
    {
        const string json = """{"v":1,"specification":{"name":"charlm","run":["a"],"workingDirectory":"/","gang":{},"gang":{}},"program":"p","submission":1,"beginsAt":1}""";

        var record = RecordJson.Decode(new ByteString(System.Text.Encoding.UTF8.GetBytes(json)), RecordContext.Default.SpecificationRecord, out var error);

        Assert.Null(record);
        Assert.Contains("twice", error, StringComparison.Ordinal);
    }
}
