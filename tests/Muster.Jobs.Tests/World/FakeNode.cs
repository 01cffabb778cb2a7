using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Tests.World;

/// <summary>An agent that obeys at once: starts what is wished, ends what is stopped, forgets what is absent.</summary>
internal sealed class FakeNode(NodeId node, ImmutableArray<string> gpus)
{
    private readonly SortedDictionary<JobId, JobFacts> _jobs = [];
    private long _sequence;
    private FencingToken _leader;

    public NodeId Node => node;

    /// <summary>Whether its lease holds.</summary>
    public bool HasLease { get; set; } = true;

    /// <summary>Whether it is connected: reports go up and wishes come down.</summary>
    public bool IsConnected { get; set; } = true;

    /// <summary>Whether stopped ranks end.</summary>
    public bool Obeys { get; set; } = true;

    /// <summary>Whether ranks promise proposals that are ahead of them.</summary>
    public bool Answers { get; set; } = true;

    public ulong Incarnation { get; private set; } = 1;

    public NodeAssignments? Wish { get; private set; }

    /// <summary>Highest generation ever started, by job.</summary>
    public SortedDictionary<JobId, long> Started { get; } = [];

    public IReadOnlyDictionary<JobId, JobFacts> Jobs => _jobs;

    public NodeSnapshot Snapshot() => new()
    {
        Node = node,
        Incarnation = Incarnation,
        Sequence = ++_sequence,
        Resources = new(8, 64L << 30, gpus),
        Address = $"{node}.example",
        Jobs = [.. _jobs.Values],
    };

    public void RestartAgent() => (Incarnation, _sequence) = (Incarnation + 1, 0);

    public void Change(JobId job, Func<JobFacts, JobFacts> change) => _jobs[job] = change(_jobs[job]);

    public void ChangeRank(JobId job, int rank, Func<RankFacts, RankFacts> change) => Change(job, facts => facts with
    {
        Ranks = [.. facts.Ranks.Select(known => known.Rank.Number == rank ? change(known) : known)],
    });

    public void Forget(JobId job) => _jobs.Remove(job);

    public void Exit(JobId job, int rank, int code, int signal, bool asked) => ChangeRank(job, rank, facts => facts with
    {
        Phase = RankPhase.Exited,
        Exit = facts.Exit ?? new(code, signal, _jobs[job].Ranks.Count(other => other.Exit is not null), asked, null),
    });

    public void Receive(NodeAssignments wish)
    {
        if (wish.Leader.Granted < _leader.Granted)
            return;
        (_leader, Wish) = (wish.Leader, wish);
        foreach (var job in _jobs.Keys.Where(job => wish.Jobs.All(wished => wished.Job != job)).ToList())
            End(job, forget: true);
        foreach (var wished in wish.Jobs)
            Follow(wished);
    }

    private void Follow(JobAssignment wished)
    {
        var known = _jobs.GetValueOrDefault(wished.Job);
        if (Started.GetValueOrDefault(wished.Job) > wished.Generation.Number)
            return;
        if (known?.Generation != wished.Generation)
            Start(wished);
        if (wished.Stop is not null)
            End(wished.Job, forget: false);
        else if (wished.Checkpoint is { State: CheckpointRequestState.Proposed } request && Answers)
            Answer(wished.Job, request);
    }

    private void Start(JobAssignment wished)
    {
        Started[wished.Job] = wished.Generation.Number;
        _jobs[wished.Job] = new()
        {
            Job = wished.Job,
            Generation = wished.Generation,
            Phase = NodePhase.Running,
            Ranks = [.. wished.Launch.Ranks.Select(rank => new RankFacts { Rank = rank.Rank, Phase = RankPhase.Started, Pid = 100 + rank.Rank.Number })],
        };
    }

    private void End(JobId job, bool forget)
    {
        if (!Obeys)
            return;
        foreach (var rank in _jobs[job].Ranks.Where(rank => rank.Exit is null))
            Exit(job, rank.Rank.Number, 0, 15, asked: true);
        Change(job, facts => facts with { Phase = NodePhase.Ended });
        if (forget)
            _jobs.Remove(job);
    }

    private void Answer(JobId job, CheckpointRequest request)
    {
        foreach (var rank in _jobs[job].Ranks.Where(rank => rank.Exit is null && rank.Answer?.Request != request.Id && rank.Phase != RankPhase.Started))
        {
            var at = rank.Step ?? default;
            ChangeRank(job, rank.Rank.Number, facts => facts with { Answer = new(request.Id, at < request.Step, at) });
        }
    }
}
