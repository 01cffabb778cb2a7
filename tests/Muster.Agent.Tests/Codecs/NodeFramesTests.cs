using System.Text;
using Muster.Agent.Tests.Keepers;
using Muster.Codecs;
using Muster.Codecs.Nodes;
using Muster.Jobs.Agents;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Agent.Tests.Codecs;

public sealed class NodeFramesTests
{
    private static readonly JobFacts s_facts = new()
    {
        Job = new JobId("job"),
        Generation = new Generation(3),
        Phase = NodePhase.Running,
        Ranks =
        [
            new RankFacts
            {
                Rank = new Rank(1),
                Phase = RankPhase.Exited,
                Step = new TrainingStep(9),
                Metrics = System.Collections.Immutable.ImmutableSortedDictionary<string, double>.Empty.Add("loss", double.NaN),
                Exit = new RankExit(1, 0, 0, false, null),
                Answer = new CheckpointAnswer(7, true, new TrainingStep(9)),
            },
        ],
        Shards = [new ShardFacts(new TrainingStep(9), new Rank(1), [new ShardFile("f", 3, new string('0', 32))])],
    };

    [Fact]
    public void Everything_sent_arrives_as_it_was()
    {
        var wish = KeeperWorld.Wish(4) with { Checkpoint = new CheckpointRequest(1, new TrainingStep(2), true, CheckpointRequestState.Confirmed) };
        var want = new KeeperOrder.Want(KeeperWorld.Leader(8), wish);

        // Encoding is canonical, so equal bytes mean equal values; lists compare by reference.
        Assert.Equal(NodeFrames.Encode(want), NodeFrames.Encode(NodeFrames.DecodeOrder(NodeFrames.Encode(want))!));
        Assert.Equal(new KeeperOrder.Release(KeeperWorld.Leader(8)), NodeFrames.DecodeOrder(NodeFrames.Encode(new KeeperOrder.Release(KeeperWorld.Leader(8)))));
        Assert.Equal(new KeeperOrder.Stay(), NodeFrames.DecodeOrder(NodeFrames.Encode(new KeeperOrder.Stay())));
        var facts = ((KeeperMessage.Facts)NodeFrames.DecodeKeeperMessage(NodeFrames.Encode(new KeeperMessage.Facts(s_facts)))!).Job;
        Assert.Equal((double.NaN, s_facts.Ranks[0].Exit, 3L), (facts.Ranks[0].Metrics["loss"], facts.Ranks[0].Exit, facts.Shards[0].Bytes));
        Assert.Equal(
            new ServerMessage.Refused("no", "unix:x"), NodeFrames.DecodeServerMessage(NodeFrames.Encode(new ServerMessage.Refused("no", "unix:x"))));
    }

    [Fact]
    public void What_a_later_version_adds_is_passed_over()
    {
        Assert.Null(NodeFrames.DecodeOrder("""{"never_heard_of": {"a": 1}}"""u8));
        Assert.Equal(
            new ServerMessage.Welcome(1), NodeFrames.DecodeServerMessage("""{"welcome": {"version": 1, "more": [1]}}"""u8));
    }

    [Fact]
    public void Absent_lists_are_empty_ones()
    {
        var facts = (KeeperMessage.Facts)NodeFrames.DecodeKeeperMessage("""{"facts": {"job": "j", "generation": 1, "phase": "Running"}}"""u8)!;

        Assert.Empty(facts.Job.Ranks);
        Assert.Empty(facts.Job.Shards);
    }

    [Theory]
    [InlineData("""{"facts": {"job": "j", "generation": 1, "phase": "Running", "ranks": [null]}}""")]
    [InlineData("""{"facts": {"job": null, "generation": 1, "phase": "Running"}}""")]
    [InlineData("""{"facts": {"job": "j", "generation": 1, "phase": "Running", "shards": [{"step": 1, "rank": 0, "files": [null]}]}}""")]
    [InlineData("null")]
    public void Null_where_a_value_belongs_is_refused(string frame) =>
        Assert.Throws<CodecException>(() => NodeFrames.DecodeKeeperMessage(Encoding.UTF8.GetBytes(frame)));

    [Fact]
    public void Bytes_of_any_kind_are_refused_with_a_codec_exception_or_read()
    {
        const int cases = 20_000;
        var seed = ulong.Parse(Environment.GetEnvironmentVariable("MUSTER_SEED") ?? "1");
        var random = new SeededRandom(seed);
        byte[][] whole =
        [
            NodeFrames.Encode(new KeeperMessage.Facts(s_facts)),
            NodeFrames.Encode(new KeeperOrder.Want(KeeperWorld.Leader(8), KeeperWorld.Wish(4))),
            NodeFrames.Encode(new AgentMessage.Hello(1, new NodeId("n"), 5)),
            Encoding.UTF8.GetBytes("""{"step": 3, "metrics": {"loss": 2.5}, "error": "x"}"""),
        ];
        for (var i = 0; i < cases; i++)
        {
            var bytes = Mutated(whole[(int)(random.NextUInt64() % (ulong)whole.Length)], random);
            foreach (var decode in Decoders(bytes))
            {
                try
                {
                    decode();
                }
                catch (CodecException)
                {
                    // The expected answer to nonsense.
                }
                catch (Exception wrong)
                {
                    Assert.Fail($"MUSTER_SEED={seed}, case {i}: {Encoding.UTF8.GetString(bytes)}: {wrong}");
                }
            }
        }
    }

    private static Action[] Decoders(byte[] bytes) =>
    [
        () => NodeFrames.DecodeOrder(bytes),
        () => NodeFrames.DecodeKeeperMessage(bytes),
        () => NodeFrames.DecodeAgentMessage(bytes),
        () => NodeFrames.DecodeServerMessage(bytes),
        () => WorkerApi.DecodeReport(bytes),
        () => WorkerApi.DecodeBegin(bytes),
        () => WorkerApi.DecodeJoin(bytes),
        () => TorchErrorFile.Message(bytes),
    ];

    private static byte[] Mutated(byte[] bytes, SeededRandom random)
    {
        var copy = bytes.ToList();
        for (var changes = random.NextUInt64() % 4; changes > 0; changes--)
        {
            var at = (int)(random.NextUInt64() % (ulong)copy.Count);
            switch (random.NextUInt64() % 4)
            {
                case 0:
                    copy[at] = (byte)random.NextUInt64();
                    break;
                case 1:
                    copy.RemoveRange(at, Math.Min(copy.Count - at, 1 + (int)(random.NextUInt64() % 8)));
                    break;
                case 2:
                    copy.InsertRange(at, "null"u8);
                    break;
                default:
                    copy.InsertRange(at, "-1e9"u8);
                    break;
            }

            if (copy.Count == 0)
                break;
        }

        return [.. copy];
    }
}
