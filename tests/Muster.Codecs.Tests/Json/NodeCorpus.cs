using System.Collections.Immutable;
using Muster.Jobs.Agents;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Codecs.Tests.Json;

/// <summary>One of everything that agents, servers and keepers say, with every member set.</summary>
internal static class NodeCorpus
{
    private static readonly string s_digest = new('a', 32);

    public static FencingToken Token { get; } = new(new ClusterId(0xC1), new Revision(17));

    public static ImmutableArray<ShardFacts> Shards { get; } =
        [new(new TrainingStep(20), new Rank(0), [new("a", 3, s_digest), new("part/b", 0, s_digest)]), new(new TrainingStep(20), new Rank(1), [])];

    public static JobSpecification Specification { get; } = new()
    {
        Name = new JobId("charlm"),
        Run = ["python3", "train.py"],
        WorkingDirectory = "/srv",
        Environment = ImmutableSortedDictionary<string, string?>.Empty.Add("A", "1").Add("TOKEN", null),
        Resources = new ResourceSpecification { Accelerators = [new("H100", 8)], MemoryBytes = 64L << 30 },
        RuntimeMax = TimeSpan.FromDays(3),
        WarmPythonModules = ["torch"],
        RegisterAs = "charlm",
        PromoteTo = "staging",
    };

    public static JobFacts Facts { get; } = new()
    {
        Job = new JobId("charlm"),
        Generation = new Generation(3),
        Phase = NodePhase.Running,
        KeeperLost = true,
        Refusal = "no",
        Ranks =
        [
            new RankFacts
            {
                Rank = new Rank(0), Phase = RankPhase.Exited, Pid = 12, Step = new TrainingStep(20), SinceProgress = TimeSpan.FromMilliseconds(1500),
                StepsPerSecond = 2.5, StepsTotal = 100, SteppedAfterRestore = true, SaveTrouble = "full", SaveTroubleStep = new TrainingStep(20), WarmStart = true,
                Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("loss", double.NaN).Add("rate", 1e-3),
                RestoreTrouble = new(true, "'a' has digest …"), Answer = new(4, true, new TrainingStep(21)), Exit = new(1, 0, 2, true, "Traceback"),
            },
        ],
        Shards = Shards,
        WarmSpares = 1,
        WarmBytes = 1 << 20,
        OutputDirectory = "/out",
    };

    public static JobAssignment Assignment { get; } = new()
    {
        Job = new JobId("charlm"),
        Generation = new Generation(3),
        Token = Token,
        Launch = new LaunchPlan
        {
            Specification = Specification, Attempt = new Attempt(1), WorldSize = 2, NodeRank = 0, NodeCount = 1, MasterAddress = "10.0.0.1",
            MasterPort = 29500, CheckpointRoot = "/ckpt", RestoreFrom = new(new TrainingStep(10), new Generation(2), 2, s_digest),
            Ranks = [new(new Rank(0), 0, [0]), new(new Rank(1), 1, [])],
        },
        Stop = new(StopKind.Stop, 15, TimeSpan.FromSeconds(30)),
        Checkpoint = new(4, new TrainingStep(22), true, CheckpointRequestState.Confirmed),
        Committed = new TrainingStep(10),
    };

    public static IEnumerable<AgentMessage> AgentMessages =>
    [
        new AgentMessage.Hello(1, new NodeId("host-1"), ulong.MaxValue),
        new AgentMessage.Snapshot(new NodeSnapshot
        {
            Node = new NodeId("host-1"), Incarnation = 5, Sequence = 6, Resources = new(8, 1L << 34, ["H100", "A100"]), Address = "10.0.0.1", Jobs = [Facts],
        }),
    ];

    public static IEnumerable<ServerMessage> ServerMessages =>
    [
        new ServerMessage.Welcome(1), new ServerMessage.Refused("not leading", "10.0.0.2:7"), new ServerMessage.Refused("not leading", null),
        new ServerMessage.Assigned(new NodeAssignments(Token, [Assignment])),
    ];

    public static IEnumerable<KeeperMessage> KeeperMessages =>
        [new KeeperMessage.Hello(1, new JobId("charlm"), new HostProcess(12, 345)), new KeeperMessage.Facts(Facts)];

    public static IEnumerable<KeeperOrder> Orders =>
        [new KeeperOrder.Want(Token, Assignment), new KeeperOrder.Stay(), new KeeperOrder.Release(Token)];

    public static AgentJournal AgentJournal { get; } = new()
    {
        Agent = "5ca1ab1e",
        Leader = Token,
        Jobs = [new JournaledJob { Job = new JobId("charlm"), Generation = new Generation(3), KeeperLost = true, Releasing = true }],
    };

    public static KeeperJournal KeeperJournal { get; } = new()
    {
        Keeper = new HostProcess(12, 345),
        Generation = new Generation(3),
        Ended = true,
        Refusal = "no",
        Exits = [new(new Rank(0), 13, new TrainingStep(20), new RankExit(0, 9, 0, true, null))],
        Shards = Shards,
    };
}
