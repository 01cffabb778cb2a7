using System.Collections.Immutable;
using Muster.Agent.Keeping;
using Muster.Agent.Processes;
using Muster.Codecs.Nodes;
using Muster.Jobs.Agents;
using Muster.Jobs.Nodes;
using Muster.Jobs.Specification;
using Muster.Network;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Agent.Tests.Real;

/// <summary>A server that wishes what a test says, and one real agent process on this host.</summary>
internal sealed class TestCluster : IDisposable
{
    private static int s_clusters;

    private readonly Lock _gate = new();
    private readonly IDisposable _listener;
    private readonly Dictionary<JobId, JobAssignment> _wishes = [];
    private readonly Timer _repeat;
    private ILink? _link;
    private NodeSnapshot? _newest;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TestCluster()
    {
        Directory = Path.Combine(Path.GetTempPath(), $"muster-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_clusters)}");
        System.IO.Directory.CreateDirectory(Directory);
        _listener = new SocketTransport().Listen($"unix:{Directory}/server.sock", Accept);
        _repeat = new Timer(_ => Send(), null, 500, 500);
    }

    /// <summary>One for the whole test program: it reaps.</summary>
    public static PosixProcesses Processes { get; } = new();

    public string Directory { get; }

    public FencingToken Leader { get; set; } = new(new ClusterId(7), new Revision(10));

    public ProcessId AgentProcess { get; private set; }

    public ImmutableArray<string> AgentCommand => [Environment.ProcessPath!, "agent", $"{Directory}/agent", "host-1", $"unix:{Directory}/server.sock"];

    public string KeeperDirectory(JobId job) => $"{Directory}/agent/keepers/{job}";

    public void StartAgent() => AgentProcess = Processes.Start(
        new ProcessStart
        {
            Command = AgentCommand,
            WorkingDirectory = Directory,
            Environment = KeeperProcess.InheritedEnvironment(),
            OutputFile = $"{Directory}/agent.log",
        },
        new NoEvents());

    public void KillAgent()
    {
        Processes.Signal(AgentProcess, 9);
        while (Processes.IsAlive(AgentProcess))
            Thread.Yield();
    }

    /// <summary>Wishes something for one job, from now on.</summary>
    public void Wish(JobAssignment assignment)
    {
        lock (_gate)
            _wishes[assignment.Job] = assignment;
        Send();
    }

    public void Release(JobId job)
    {
        lock (_gate)
            _wishes.Remove(job);
        Send();
    }

    /// <summary>Waits until the agent's facts about a job are as wanted.</summary>
    public async Task<JobFacts> WhenAsync(JobId job, Func<JobFacts, bool> condition, int secondsMax = 30)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(secondsMax));
        while (true)
        {
            Task changed;
            JobFacts? facts;
            lock (_gate)
            {
                changed = _changed.Task;
                facts = _newest?.Jobs.FirstOrDefault(known => known.Job == job);
            }

            if (facts is not null && condition(facts))
                return facts;
            try
            {
                await changed.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"facts never became as wanted; last: {facts}; ranks: {string.Join("; ", facts?.Ranks ?? [])}; agent: "
                    + File.ReadAllText($"{Directory}/agent.log") + KeeperLog(job));
            }
        }
    }

    /// <summary>Waits until the agent no longer speaks of a job.</summary>
    public async Task WhenForgottenAsync(JobId job)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
                if (_newest is not null && _newest.Jobs.All(known => known.Job != job))
                    return;
            }

            await changed.WaitAsync(limit.Token);
        }
    }

    public JobAssignment Assignment(string job, long generation, ImmutableArray<string> run, int ranks = 1) => new()
    {
        Job = new JobId(job),
        Generation = new Generation(generation),
        Token = new FencingToken(Leader.Cluster, new Revision(100 + generation)),
        Launch = new LaunchPlan
        {
            Specification = new JobSpecification { Name = new JobId(job), Run = run, WorkingDirectory = Directory },
            Attempt = new Attempt(0),
            WorldSize = ranks,
            NodeRank = 0,
            NodeCount = 1,
            Ranks = [.. Enumerable.Range(0, ranks).Select(rank => new RankPlacement(new Rank(rank), rank, []))],
            MasterAddress = "127.0.0.1",
            MasterPort = 0,
            CheckpointRoot = $"{Directory}/checkpoints",
        },
    };

    public static JobAssignment Stopping(JobAssignment assignment, double graceSeconds, StopKind kind = StopKind.Failure) =>
        assignment with { Stop = new StopOrder(kind, 15, TimeSpan.FromSeconds(graceSeconds)) };

    public string Output(JobId job, int rank)
    {
        var path = $"{KeeperDirectory(job)}/output/rank-{rank}.log";
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    public string KeeperLog(JobId job)
    {
        var path = $"{KeeperDirectory(job)}/keeper.log";
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    /// <summary>Processes of this cluster that run: keepers, ranks and what they started.</summary>
    public ImmutableArray<TaggedProcess> Running(params string[] jobs) =>
    [
        .. Processes.ListTagged().Where(process => process.Tags.TryGetValue("MUSTER_JOB", out var job) && jobs.Contains(job)),
    ];

    public void Dispose()
    {
        _repeat.Dispose();
        _listener.Dispose();
        foreach (var process in Processes.ListTagged())
            if (process.Tags.Values.Any(value => value.StartsWith(AgentTag(), StringComparison.Ordinal)))
                Processes.Signal(process.Id, 9);
        if (AgentProcess != default)
            Processes.Signal(AgentProcess, 9);
        try
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
        catch (IOException)
        {
            // A process that is just dying may still write.
        }
    }

    private string AgentTag()
    {
        var path = $"{Directory}/agent/journal";
        if (!File.Exists(path))
            return "no agent";
        var json = File.ReadAllBytes(path);
        return NodeDocuments.DecodeAgentJournal(json.AsSpan(json.AsSpan().IndexOf((byte)'\n') + 1)).Agent;
    }

    private void Accept(ILink link)
    {
        lock (_gate)
            _link = link;
        link.Start(frame => Receive(link, frame), _ => { });
    }

    private void Receive(ILink link, ReadOnlyMemory<byte> frame)
    {
        switch (NodeFrames.DecodeAgentMessage(frame.Span))
        {
            case AgentMessage.Hello:
                link.TrySend(NodeFrames.Encode(new ServerMessage.Welcome(AgentProtocol.Version)));
                Send();
                break;
            case AgentMessage.Snapshot(var snapshot):
                TaskCompletionSource changed;
                lock (_gate)
                {
                    _newest = snapshot;
                    changed = _changed;
                    _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                changed.TrySetResult();
                break;
        }
    }

    private void Send()
    {
        lock (_gate)
            _link?.TrySend(NodeFrames.Encode(new ServerMessage.Assigned(
                new NodeAssignments(Leader, [.. _wishes.Values.OrderBy(wish => wish.Job)]))));
    }

    private sealed class NoEvents : IProcessEvents
    {
        public void Output(ProcessId process, ReadOnlyMemory<byte> bytes)
        {
        }

        public void Exited(ProcessId process, ExitStatus status)
        {
        }
    }
}
