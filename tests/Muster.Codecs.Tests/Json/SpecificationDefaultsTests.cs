using System.Text;
using System.Text.RegularExpressions;
using Muster.Codecs.Control;
using Muster.Codecs.Nodes;
using Muster.Jobs.Keepers;
using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Codecs.Tests.Json;

/// <summary>A neighbouring version that does not know a member of a specification means its default, not zero.</summary>
public sealed class SpecificationDefaultsTests
{
    private static readonly string[] s_members =
        ["nodes_min", "nodes_max", "processes_per_node", "settle", "keep", "uncommitted_max", "max", "backoff_max", "hang_after", "signal", "weight", "failure_grace"];

    private static readonly JobSpecification s_blank = new() { Name = new JobId("charlm"), Run = ["python3"], WorkingDirectory = "/srv" };

    [Fact]
    public void An_order_without_a_number_of_the_specification_means_its_default()
    {
        var frame = Encoding.UTF8.GetString(NodeFrames.Encode(Order(s_blank)));

        var decoded = s_members.Select(member => NodeFrames.DecodeOrder(Encoding.UTF8.GetBytes(Without(frame, member)))).ToList();

        Assert.All(decoded, order => AssertBlank(((KeeperOrder.Want)order!).Assignment.Launch.Specification));
    }

    [Fact]
    public void A_submission_of_what_is_required_alone_has_every_default()
    {
        var body = """{"specification":{"name":"charlm","run":["python3"],"working_directory":"/srv","gang":{}},"program_digest":"p","secrets":{}}"""u8;

        var submission = ControlBodies.DecodeSubmission(body.ToArray());

        AssertBlank(submission.Specification);
    }

    [Fact]
    public void What_is_there_is_not_replaced_by_a_default()
    {
        var given = s_blank with { Gang = new() { NodesMin = 0, Spares = 2 }, Checkpoint = new() { Keep = 0, Every = 7 }, FailureGrace = TimeSpan.Zero };

        var decoded = (KeeperOrder.Want)NodeFrames.DecodeOrder(NodeFrames.Encode(Order(given)))!;

        var read = decoded.Assignment.Launch.Specification;
        Assert.Equal((given.Gang, given.Checkpoint, given.FailureGrace), (read.Gang, read.Checkpoint, read.FailureGrace));
    }

    private static KeeperOrder Order(JobSpecification specification) => new KeeperOrder.Want(
        NodeCorpus.Token,
        NodeCorpus.Assignment with { Stop = null, Launch = NodeCorpus.Assignment.Launch with { Specification = specification } });

    private static void AssertBlank(JobSpecification read) => Assert.Equal(
        (s_blank.Gang, s_blank.Checkpoint, s_blank.Restart, s_blank.Liveness, s_blank.Stop, s_blank.Schedule, s_blank.FailureGrace),
        (read.Gang, read.Checkpoint, read.Restart, read.Liveness, read.Stop, read.Schedule, read.FailureGrace));

    /// <summary>The text without one member of a number or a text.</summary>
    private static string Without(string json, string member)
    {
        var without = Regex.Replace(json, $"\"{member}\":(\"[^\"]*\"|[^,{{}}]+),?", "").Replace(",}", "}", StringComparison.Ordinal);
        Assert.NotEqual(json, without);
        return without;
    }
}
