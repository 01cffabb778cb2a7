using System.Collections.Immutable;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Agent.Tests.Keepers;

/// <summary>A keeper's core in a world that does at once what it is told, and remembers it.</summary>
internal sealed class KeeperWorld
{
    public static readonly JobId Job = new("job");
    public static readonly HostProcess Self = new(100, 1);
    private static readonly ClusterId s_cluster = new(1);

    private readonly KeeperCore _core;
    private readonly SortedSet<HostProcess> _alive = [];
    private int _pid = 1000;
    private Instant _now;
    private long _exchange;

    public KeeperWorld(string? python = null, TimeSpan headStart = default) => _core = new KeeperCore(
        new KeeperIdentity
        {
            Job = Job,
            Node = new NodeId("host"),
            Self = Self,
            Agent = "a",
            Directory = "/keeper",
            SocketDirectory = "/keeper/ranks",
            StagingDirectory = "/memory",
            PythonDirectory = python,
            BaseEnvironment = ImmutableSortedDictionary<string, string>.Empty.Add("HOME", "/root").Add("MUSTER_JOB", "outer"),
        },
        _now,
        new KeeperLimits { HeadStart = headStart });

    /// <summary>All effects so far, in order.</summary>
    public List<KeeperEffect> Effects { get; } = [];

    public KeeperJournal? Journal { get; private set; }

    public SortedDictionary<int, HostProcess> Ranks { get; } = [];

    /// <summary>Grandchildren that the process table shows.</summary>
    public List<SeenProcess> Others { get; } = [];

    public bool SealsAtOnce { get; set; } = true;

    public bool VerifiesAtOnce { get; set; } = true;

    public JobFacts Facts => _core.Facts(_now)!;

    public SortedDictionary<ExchangeId, WorkerAnswer> Answers { get; } = [];

    public string? Exit { get; private set; }

    public static FencingToken Leader(long revision) => new(s_cluster, new Revision(revision));

    public static JobAssignment Wish(long generation, int ranks = 2, Func<JobSpecification, JobSpecification>? change = null)
    {
        var specification = new JobSpecification { Name = Job, Run = ["python3", "train.py"], WorkingDirectory = "/work" };
        return new JobAssignment
        {
            Job = Job,
            Generation = new Generation(generation),
            Token = Leader(50 + generation),
            Launch = new LaunchPlan
            {
                Specification = change?.Invoke(specification) ?? specification,
                Attempt = new Attempt(0),
                WorldSize = ranks,
                NodeRank = 0,
                NodeCount = 1,
                Ranks = [.. Enumerable.Range(0, ranks).Select(rank => new RankPlacement(new Rank(rank), rank, []))],
                MasterAddress = "127.0.0.1",
                MasterPort = 0,
                CheckpointRoot = "/checkpoints",
            },
        };
    }

    public KeeperWorld Want(JobAssignment wish, long leader = 1) =>
        Step(new KeeperInput.Ordered(new KeeperOrder.Want(Leader(leader), wish), _now));

    public KeeperWorld Advance(double seconds)
    {
        for (var end = _now + TimeSpan.FromSeconds(seconds); _now < end;)
        {
            _now += TimeSpan.FromMilliseconds(20);
            Step(new KeeperInput.Tick(_now));
        }

        return this;
    }

    public KeeperWorld EndRank(int rank, int code = 0, int signal = 0)
    {
        _alive.Remove(Ranks[rank]);
        return Step(new KeeperInput.Exited(Ranks[rank], code, signal, null, _now));
    }

    public ExchangeId Ask(int rank, WorkerRequest request)
    {
        var exchange = new ExchangeId(++_exchange);
        Step(new KeeperInput.Asked(Facts.Generation, new Rank(rank), exchange, request, _now));
        return exchange;
    }

    public KeeperWorld Report(int rank, WorkerReport report) =>
        Step(new KeeperInput.Reported(Facts.Generation, new Rank(rank), report, _now));

    public KeeperWorld Save(int rank, long step)
    {
        Ask(rank, new WorkerRequest.BeginCheckpoint(new TrainingStep(step), Background: true));
        Ask(rank, new WorkerRequest.FinishCheckpoint(new TrainingStep(step)));
        return this;
    }

    public int Count<T>() => Effects.Count(effect => effect is T);

    public KeeperWorld Step(KeeperInput input)
    {
        var pending = new Queue<KeeperInput>([input]);
        while (pending.TryDequeue(out var next))
            foreach (var effect in _core.Step(next))
            {
                Effects.Add(effect);
                foreach (var result in Perform(effect))
                    pending.Enqueue(result);
            }

        return this;
    }

    private IEnumerable<KeeperInput> Perform(KeeperEffect effect)
    {
        switch (effect)
        {
            case KeeperEffect.Persist(var journal):
                Journal = journal;
                break;
            case KeeperEffect.FindPort(var generation):
                yield return new KeeperInput.PortFound(generation, 29_500);
                break;
            case KeeperEffect.StartRank(var generation, var rank, _):
                yield return new KeeperInput.RankStarted(generation, rank, Ranks[rank.Number] = NewProcess(), Warm: false, _now);
                break;
            case KeeperEffect.TakeOver(var generation, var rank, var spare, _):
                yield return new KeeperInput.RankStarted(generation, rank, Ranks[rank.Number] = spare, Warm: true, _now);
                break;
            case KeeperEffect.StartSpare(var slot, _):
                var process = NewProcess();
                yield return new KeeperInput.SpareStarted(slot, process);
                yield return new KeeperInput.SpareMeasured(process, 1000);
                break;
            case KeeperEffect.SignalGroup(var leader, 9) when _alive.Remove(leader):
                yield return new KeeperInput.Exited(leader, 0, 9, null, _now);
                break;
            case KeeperEffect.SignalProcess(var stray, 9):
                Others.RemoveAll(other => other.Process == stray);
                break;
            case KeeperEffect.Sweep:
                yield return new KeeperInput.Swept(
                    [.. Others, .. _alive.Select(alive => new SeenProcess(alive, Self.Pid, alive.Pid, Job.Name, Self, "a", null))], _now);
                break;
            case KeeperEffect.MakeDirectory(var generation, var rank, var step, _):
                yield return new KeeperInput.DirectoryMade(generation, rank, step, null);
                break;
            case KeeperEffect.Seal(var generation, var rank, var step, _, _) when SealsAtOnce:
                yield return new KeeperInput.Sealed(generation, rank, step, [new ShardFile("f", 1, new string('0', 32))], _now);
                break;
            case KeeperEffect.Verify(var generation, { } one, _, _) when VerifiesAtOnce:
                yield return new KeeperInput.Verified(generation, one, null);
                break;
            case KeeperEffect.Answer(var exchange, var answer):
                Answers[exchange] = answer;
                break;
            case KeeperEffect.Exit(var why):
                Exit = why;
                break;
        }
    }

    private HostProcess NewProcess()
    {
        var process = new HostProcess(++_pid, _pid);
        _alive.Add(process);
        return process;
    }
}
