namespace Muster.Jobs.Coordinator;

/// <summary>What a coordinator is told once.</summary>
public sealed record CoordinatorOptions
{
    /// <summary>Directory below which jobs keep checkpoints that name none themselves; absolute.</summary>
    public required string CheckpointRoot { get; init; }

    /// <summary>Whether there is one host and never another: no gang waits for more nodes.</summary>
    public bool SingleNode { get; init; }

    /// <summary>Limits.</summary>
    public CoordinatorLimits Limits { get; init; } = new();
}

/// <summary>Limits of the coordinator, each with unit, default and what happens at it.</summary>
public sealed record CoordinatorLimits
{
    /// <summary>Events kept for a job; the oldest go first.</summary>
    public int EventsMax { get; init; } = 400;

    /// <summary>Restarts kept in a job's status; the oldest go first.</summary>
    public int RestartsMax { get; init; } = 100;

    /// <summary>Generation records kept for a job; the oldest go first.</summary>
    public int GenerationsMax { get; init; } = 16;

    /// <summary>Checkpoints retired by one transaction; the others follow in the next.</summary>
    public int RetiredMax { get; init; } = 8;

    /// <summary>Proposals made for one checkpoint on demand; then it is given up.</summary>
    public int ProposalsMax { get; init; } = 5;

    /// <summary>Time all ranks have to answer a proposal; then it counts as refused.</summary>
    public TimeSpan AnswerTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Seconds of stepping that a proposed step lies ahead of the furthest rank.</summary>
    public double MarginSeconds { get; init; } = 0.5;

    /// <summary>Fewest steps that a proposed step lies ahead.</summary>
    public long MarginMin { get; init; } = 2;

    /// <summary>Time a host whose lease ended has to be heard of again before it counts as lost.</summary>
    public TimeSpan NodeReturn { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The same for a host without a lease when this coordinator takes office: its agent may just be starting again.</summary>
    public TimeSpan NodeReturnAtOffice { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time between two sendings of an unchanged wish.</summary>
    public TimeSpan AssignEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The same while the node's facts disagree with the wish.</summary>
    public TimeSpan AssignDisagreed { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time after a failed write or deletion of files before it is tried again.</summary>
    public TimeSpan FilesRetry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time after a refused or unanswered transaction before the job is decided about again.</summary>
    public TimeSpan TransactionRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Failed writes of a manifest after which a generation that failed is restarted without that checkpoint.</summary>
    public int ManifestTries { get; init; } = 3;

    /// <summary>Shortest time between two changes of a waiting job's stored reason when only its words differ.</summary>
    public TimeSpan WaitingEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time a node must go on saying nothing of a closed generation until it counts as never started there.</summary>
    public TimeSpan AbsentFor { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>First pause after free restarts in a row that made no step; doubles with each, up to the job's longest.</summary>
    public TimeSpan FreePause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Life of a generation after which its failure begins a new row: pauses are for what fails again and again at once.</summary>
    public TimeSpan LivedLong { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bound for the drift of two hosts' clocks, as a share of the time measured.</summary>
    public double DriftMax { get; init; } = 0.1;

    /// <summary>Lowest port for rank 0's store in gangs of several nodes.</summary>
    public int MasterPortFirst { get; init; } = 20_000;

    /// <summary>Ports used from there on.</summary>
    public int MasterPorts { get; init; } = 10_000;
}
