using System.Text;
using System.Text.Json;
using Muster.Codecs.Http1;
using Muster.Codecs.Nodes;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Codecs.Tests.Json;

/// <summary>What keepers write, word for word as docs/worker-api.md has it.</summary>
public sealed class WorkerAnswersTests
{
    public static TheoryData<WorkerAnswer, int, string> Answers() => new()
    {
        { new WorkerAnswer.Directory("/a b"), 201, """{"directory":"/a b"}""" },
        {
            new WorkerAnswer.Durable([new ShardFile("w", 3, "d"), new ShardFile("x", 4, "e")]), 200,
            """{"bytes":7,"files":[{"name":"w","bytes":3,"digest":"d"},{"name":"x","bytes":4,"digest":"e"}]}"""
        },
        { new WorkerAnswer.Accepted(), 202, "{}" },
        { new WorkerAnswer.Shards(new TrainingStep(7), ["/0", "/1"]), 200, """{"step":7,"shards":[{"rank":0,"directory":"/0"},{"rank":1,"directory":"/1"}]}""" },
        { new WorkerAnswer.Refusal(507, "full"), 507, """{"error":"full"}""" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_is_the_documented_object(WorkerAnswer answer, int status, string json)
    {
        var written = WorkerApi.Encode(answer);

        Assert.Equal(status, written.Status);
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(json).RootElement, JsonDocument.Parse(written.Body).RootElement), Encoding.UTF8.GetString(written.Body));
    }

    [Theory]
    [InlineData(CheckpointRequestState.Proposed, "proposed")]
    [InlineData(CheckpointRequestState.Confirmed, "confirmed")]
    [InlineData(CheckpointRequestState.Cancelled, "cancelled")]
    public void A_wish_is_one_line(CheckpointRequestState state, string name)
    {
        var line = WorkerApi.Encode(new WorkerWish(new TrainingStep(600), null, new CheckpointRequest(7, new TrainingStep(620), true, state)));

        Assert.Equal(line.Length - 1, line.AsSpan().IndexOf((byte)'\n'));
        Assert.True(JsonElement.DeepEquals(
            JsonDocument.Parse("""{"committed":600,"durable":null,"request":{"id":7,"step":620,"ends":true,"state":"STATE"}}""".Replace("STATE", name, StringComparison.Ordinal)).RootElement,
            JsonDocument.Parse(line).RootElement));
    }

    [Theory]
    [InlineData("GE T", "/", "x", "y")]
    [InlineData("GET", "x", "x", "y")]
    [InlineData("GET", "/a b", "x", "y")]
    [InlineData("GET", "/", "x:", "y")]
    [InlineData("GET", "/", "x", "y\r\nsmuggled: 1")]
    [InlineData("GET", "/", "x", " y")]
    public void What_could_not_be_read_back_is_not_written(string method, string target, string name, string value)
    {
        Assert.Throws<ArgumentException>(() => HttpHeadWriter.Request(method, target, 1, [new HttpHeader(name, value)]));
    }

    [Fact]
    public void A_status_that_is_none_is_not_written()
    {
        foreach (var status in (int[])[99, 600])
            Assert.Throws<ArgumentException>(() => HttpHeadWriter.Response(status, 1, []));
        for (var status = 100; status <= 599; status++)
            Assert.StartsWith($"HTTP/1.1 {status} ", Encoding.Latin1.GetString(HttpHeadWriter.Response(status, 1, [])), StringComparison.Ordinal);
    }
}
