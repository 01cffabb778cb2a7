using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Keepers;

/// <summary>One rank in one generation: what its process did and said.</summary>
internal sealed class RankRun(RankPlacement placement, Instant now, KeeperLimits limits)
{
    private readonly StepRate _rate = new();
    private Instant _progress = now;
    private long? _total;
    private ImmutableSortedDictionary<string, double> _metrics = ImmutableSortedDictionary<string, double>.Empty;
    private bool _stepped;
    private CheckpointAnswer? _answer;

    public RankPlacement Placement { get; } = placement;

    public Rank Rank => Placement.Rank;

    public HostProcess? Process { get; private set; }

    public bool WarmStart { get; private set; }

    public bool Joined { get; set; }

    public TrainingStep? Step { get; private set; }

    public bool Asked { get; set; }

    public RankExit? Exit { get; set; }

    public RestoreTrouble? RestoreTrouble { get; set; }

    /// <summary>The newest shard that could not be saved, and why; null: the last one was saved.</summary>
    public (TrainingStep Step, string Why)? SaveTrouble { get; private set; }

    /// <summary>Takes down that a shard does not exist. What the program says after its keeper is the same said again, and the keeper knows more.</summary>
    public void NotSaved(TrainingStep step, string why)
    {
        if (SaveTrouble is not { } known || step > known.Step)
            SaveTrouble = (step, Cut($"step {step}: {why}"));
    }

    /// <summary>A shard is durable.</summary>
    public void Saved() => SaveTrouble = null;

    /// <summary>Whether the files to resume from were checked; they need not be without any.</summary>
    public bool RestoreChecked { get; set; }

    /// <summary>Requests that wait for that.</summary>
    public List<ExchangeId> Joining { get; } = [];

    public WorkerWish? LastWish { get; set; }

    public ShardWriting Shards { get; } = new(limits);

    public bool Runs => Process is not null && Exit is null;

    public void Started(HostProcess process, bool warm, Instant now) => (Process, WarmStart, _progress) = (process, warm, now);

    /// <summary>Takes a report in; whether the agent must hear of it at once.</summary>
    public bool Report(WorkerReport report, Instant now)
    {
        switch (report)
        {
            case WorkerReport.Stepped(var step, var metrics):
                return TakeStep(step, metrics, now);
            case WorkerReport.Total(var steps):
                _total = steps;
                return false;
            case WorkerReport.Restored:
                _progress = now;
                return false;
            case WorkerReport.RestoreFailed(_, var error):
                RestoreTrouble ??= new RestoreTrouble(Damaged: false, Cut(error));
                return true;
            case WorkerReport.Promised(var request, var at):
                return Answered(new CheckpointAnswer(request, Promised: true, at));
            case WorkerReport.Refused(var request, var at):
                return Answered(new CheckpointAnswer(request, Promised: false, at));
            case WorkerReport.SaveFailed(var step, var error):
                NotSaved(step, error);
                return true;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    public RankFacts Facts(Instant now, bool restores) => new()
    {
        Rank = Rank,
        Phase = Phase(),
        Pid = Process?.Pid ?? 0,
        Step = Step,
        SinceProgress = now > _progress ? now - _progress : TimeSpan.Zero,
        StepsPerSecond = _rate.PerSecond,
        StepsTotal = _total,
        Metrics = _metrics,
        SteppedAfterRestore = restores && _stepped,
        RestoreTrouble = RestoreTrouble,
        Answer = _answer,
        SaveTrouble = SaveTrouble?.Why,
        SaveTroubleStep = SaveTrouble?.Step,
        Exit = Exit,
        WarmStart = WarmStart,
    };

    private RankPhase Phase() => this switch
    {
        { Exit: not null } => RankPhase.Exited,
        { Process: null } => RankPhase.Pending,
        { Shards.Waiting: not null } => RankPhase.Waiting,
        { Shards.Open: not null } or { Shards.SealingAsker: not null } => RankPhase.Saving,
        { _stepped: true } => RankPhase.Stepping,
        { Joined: true } => RankPhase.Joined,
        _ => RankPhase.Started,
    };

    private bool TakeStep(TrainingStep step, ImmutableSortedDictionary<string, double> metrics, Instant now)
    {
        _rate.Take(step, now);
        var first = !_stepped;
        (Step, _progress, _stepped) = (step, now, true);
        if (metrics.Count > 0)
            _metrics = metrics.Count <= limits.MetricsMax
                ? metrics
                : ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, metrics.Take(limits.MetricsMax));
        return first;
    }

    private bool Answered(CheckpointAnswer answer)
    {
        if (_answer is { } known && known.Request >= answer.Request)
            return false;   // each id is answered once
        _answer = answer;
        return true;
    }

    public string Cut(string text) =>
        text.Length <= limits.DetailCharactersMax ? text : string.Concat(text.AsSpan(0, limits.DetailCharactersMax), "…");
}
