using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Jobs.Nodes;

/// <summary>All that one agent knows, sent whole: the coordinator's only input besides the store.</summary>
public sealed record NodeSnapshot
{
    /// <summary>The host.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Chosen at random at each start of the agent.</summary>
    public required ulong Incarnation { get; init; }

    /// <summary>Rises with each snapshot of an incarnation.</summary>
    public required long Sequence { get; init; }

    /// <summary>What the host offers.</summary>
    public required NodeResources Resources { get; init; }

    /// <summary>Address at which other hosts reach this one.</summary>
    public required string Address { get; init; }

    /// <summary>One for each job that has a keeper here, or whose generation here is not yet forgotten; by job.</summary>
    public required ImmutableArray<JobFacts> Jobs { get; init; }
}

/// <summary>What a host offers.</summary>
/// <param name="Cores">Processor cores.</param>
/// <param name="MemoryBytes">Memory.</param>
/// <param name="Gpus">Type of each GPU, by index; empty: none.</param>
public sealed record NodeResources(int Cores, long MemoryBytes, ImmutableArray<string> Gpus);

/// <summary>How far a generation is on one node.</summary>
public enum NodePhase
{
    /// <summary>Taken down in the journal; its keeper or ranks are being started.</summary>
    Starting,

    /// <summary>All its ranks on this node were started.</summary>
    Running,

    /// <summary>Its ranks are being ended.</summary>
    Stopping,

    /// <summary>Nothing of it runs on this node any more, grandchildren included.</summary>
    Ended,
}

/// <summary>What a node knows about one job.</summary>
public sealed record JobFacts
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>Newest generation this node was told to start.</summary>
    public required Generation Generation { get; init; }

    /// <summary>How far it is.</summary>
    public required NodePhase Phase { get; init; }

    /// <summary>Whether the keeper ended without being asked; its ranks ended with it.</summary>
    public bool KeeperLost { get; init; }

    /// <summary>Why the generation cannot run here, in words; null: it can.</summary>
    public string? Refusal { get; init; }

    /// <summary>The ranks of this generation on this node, by rank.</summary>
    public ImmutableArray<RankFacts> Ranks { get; init; } = [];

    /// <summary>Shards of this generation that are durable, by step and rank. Repeated until committed or swept.</summary>
    public ImmutableArray<ShardFacts> Shards { get; init; } = [];

    /// <summary>Idle warm interpreters ready to take over.</summary>
    public int WarmSpares { get; init; }

    /// <summary>Memory held by warm interpreters, in bytes.</summary>
    public long WarmBytes { get; init; }

    /// <summary>Directory with the ranks' output.</summary>
    public string? OutputDirectory { get; init; }
}

/// <summary>How far a rank is.</summary>
public enum RankPhase
{
    /// <summary>Not yet started.</summary>
    Pending,

    /// <summary>Its process runs; it has not joined, and may never.</summary>
    Started,

    /// <summary>It joined through the worker API.</summary>
    Joined,

    /// <summary>It reported a step.</summary>
    Stepping,

    /// <summary>It writes a shard.</summary>
    Saving,

    /// <summary>It waits before a checkpoint, for the one in flight or for a commit.</summary>
    Waiting,

    /// <summary>Its process ended; the exit is on disk.</summary>
    Exited,
}

/// <summary>What a node knows about one rank.</summary>
public sealed record RankFacts
{
    /// <summary>The rank.</summary>
    public required Rank Rank { get; init; }

    /// <summary>How far it is.</summary>
    public required RankPhase Phase { get; init; }

    /// <summary>Its process id; 0 before it is started.</summary>
    public int Pid { get; init; }

    /// <summary>Steps done as last reported; null: never reported.</summary>
    public TrainingStep? Step { get; init; }

    /// <summary>Time since the last report of a step, or since the start when there was none.</summary>
    public TimeSpan SinceProgress { get; init; }

    /// <summary>Steps per second, smoothed; 0 when unknown.</summary>
    public double StepsPerSecond { get; init; }

    /// <summary>Steps the program said it will do in all; null: it did not say.</summary>
    public long? StepsTotal { get; init; }

    /// <summary>Metrics of the last step, by name.</summary>
    public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Whether the restored state was loaded: the program began to step from it.</summary>
    public bool SteppedAfterRestore { get; init; }

    /// <summary>What was wrong with the checkpoint to restore; null: nothing yet.</summary>
    public RestoreTrouble? RestoreTrouble { get; init; }

    /// <summary>Its answer to the checkpoint on demand; null: none yet.</summary>
    public CheckpointAnswer? Answer { get; init; }

    /// <summary>Why it could not write a shard, in words (a full disk, say); null: it could.</summary>
    public string? SaveTrouble { get; init; }

    /// <summary>The step whose shard that was; null with no trouble.</summary>
    public TrainingStep? SaveTroubleStep { get; init; }

    /// <summary>How it ended; null: it runs.</summary>
    public RankExit? Exit { get; init; }

    /// <summary>Whether it was started from a warm interpreter.</summary>
    public bool WarmStart { get; init; }
}

/// <summary>How a rank's process ended.</summary>
/// <param name="Code">Exit code; 0 when a signal ended it.</param>
/// <param name="Signal">The signal; 0 when it exited.</param>
/// <param name="Order">Which of the node's ranks ended first in this generation: 0, 1, …</param>
/// <param name="Asked">Whether its keeper had signalled it before.</param>
/// <param name="Detail">Last line of its output or its error file, for people; null: none.</param>
public sealed record RankExit(int Code, int Signal, int Order, bool Asked, string? Detail)
{
    /// <summary>Whether the program ended well.</summary>
    public bool IsSuccess => Code == 0 && Signal == 0;
}

/// <summary>What was wrong with a checkpoint.</summary>
/// <param name="Damaged">Whether its bytes do not match their digests; otherwise the program could not load good bytes.</param>
/// <param name="Detail">File and what was found.</param>
public sealed record RestoreTrouble(bool Damaged, string Detail);

/// <summary>A rank's answer to a checkpoint on demand.</summary>
/// <param name="Request">Which request.</param>
/// <param name="Promised">Whether it will stop at the step; otherwise it is past it.</param>
/// <param name="At">Steps it had done.</param>
public sealed record CheckpointAnswer(long Request, bool Promised, TrainingStep At);

/// <summary>A shard that survives any crash.</summary>
/// <param name="Step">Steps done in it.</param>
/// <param name="Rank">The rank whose state it is.</param>
/// <param name="Files">Its files, by name.</param>
public sealed record ShardFacts(TrainingStep Step, Rank Rank, ImmutableArray<ShardFile> Files)
{
    /// <summary>Bytes of all files.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);
}

/// <summary>One file of a shard.</summary>
/// <param name="Name">Path below the shard's directory, separated by '/'.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Digest">XXH3-128 of the content, 32 lower-case hexadecimal digits as xxhsum prints them.</param>
public sealed record ShardFile(string Name, long Bytes, string Digest);
