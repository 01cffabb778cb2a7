using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Keepers;

/// <summary>One request of a training program that awaits an answer; unique in its keeper.</summary>
public readonly record struct ExchangeId(long Number) : IComparable<ExchangeId>
{
    /// <inheritdoc/>
    public int CompareTo(ExchangeId other) => Number.CompareTo(other.Number);
}

/// <summary>What a training program asks its keeper (docs/worker-api.md).</summary>
public abstract record WorkerRequest
{
    private WorkerRequest() { }

    /// <summary>The program takes part; answered once the checkpoint to resume from has been found whole.</summary>
    public sealed record Join(string Client) : WorkerRequest;

    /// <summary>As <see cref="Join"/>, without joining.</summary>
    public sealed record Describe : WorkerRequest;

    /// <summary>Wants a new, empty directory for a checkpoint.</summary>
    public sealed record BeginCheckpoint(TrainingStep Step, bool Background) : WorkerRequest;

    /// <summary>The files of a checkpoint are complete.</summary>
    public sealed record FinishCheckpoint(TrainingStep Step) : WorkerRequest;

    /// <summary>A checkpoint's directory is given up.</summary>
    public sealed record AbandonCheckpoint(TrainingStep Step) : WorkerRequest;

    /// <summary>Where all shards of the checkpoint to resume from lie.</summary>
    public sealed record ListShards : WorkerRequest;
}

/// <summary>One report line.</summary>
public abstract record WorkerReport
{
    private WorkerReport() { }

    /// <summary>A step was done.</summary>
    public sealed record Stepped(TrainingStep Step, ImmutableSortedDictionary<string, double> Metrics) : WorkerReport;

    /// <summary>Steps the program will do in all.</summary>
    public sealed record Total(long Steps) : WorkerReport;

    /// <summary>The state of the checkpoint was loaded.</summary>
    public sealed record Restored(TrainingStep Step) : WorkerReport;

    /// <summary>The program could not load it.</summary>
    public sealed record RestoreFailed(TrainingStep Step, string Error) : WorkerReport;

    /// <summary>The program will stop at the step that a checkpoint on demand names.</summary>
    public sealed record Promised(long Request, TrainingStep At) : WorkerReport;

    /// <summary>The program is past it.</summary>
    public sealed record Refused(long Request, TrainingStep At) : WorkerReport;

    /// <summary>The program could not write its shard.</summary>
    public sealed record SaveFailed(TrainingStep Step, string Error) : WorkerReport;
}

/// <summary>What a keeper answers.</summary>
public abstract record WorkerAnswer
{
    private WorkerAnswer() { }

    /// <summary>200 with the run object.</summary>
    public sealed record Run(RunDescription Description) : WorkerAnswer;

    /// <summary>201 with a new, empty directory.</summary>
    public sealed record Directory(string Path) : WorkerAnswer;

    /// <summary>200 with what is durable now.</summary>
    public sealed record Durable(ImmutableArray<ShardFile> Files) : WorkerAnswer;

    /// <summary>202: the keeper makes it durable.</summary>
    public sealed record Accepted : WorkerAnswer;

    /// <summary>204.</summary>
    public sealed record Done : WorkerAnswer;

    /// <summary>200 with the directories of all shards, by rank.</summary>
    public sealed record Shards(TrainingStep Step, ImmutableArray<string> Directories) : WorkerAnswer;

    /// <summary>A 4xx or 5xx status and why.</summary>
    public sealed record Refusal(int Status, string Error) : WorkerAnswer;
}

/// <summary>The run object: who a rank is.</summary>
public sealed record RunDescription
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The rank.</summary>
    public required Rank Rank { get; init; }

    /// <summary>Ranks in the generation.</summary>
    public required int WorldSize { get; init; }

    /// <summary>The rank's number on its host.</summary>
    public required int LocalRank { get; init; }

    /// <summary>Ranks on its host.</summary>
    public required int LocalWorldSize { get; init; }

    /// <summary>The host's number in the generation.</summary>
    public required int NodeRank { get; init; }

    /// <summary>The generation.</summary>
    public required Generation Generation { get; init; }

    /// <summary>The try.</summary>
    public required Attempt Attempt { get; init; }

    /// <summary>Steps between checkpoints; 0: only the last one and those asked for.</summary>
    public required long CheckpointEvery { get; init; }

    /// <summary>Checkpoints written and not committed at which the loop waits.</summary>
    public required int UncommittedMax { get; init; }

    /// <summary>What to resume from; null: from the beginning.</summary>
    public required RestoreDescription? Restore { get; init; }
}

/// <summary>What a rank resumes from.</summary>
/// <param name="Step">Steps done in it.</param>
/// <param name="WorldSize">Ranks that wrote it.</param>
/// <param name="Directory">This rank's files, found whole; null with another world size.</param>
public sealed record RestoreDescription(TrainingStep Step, int WorldSize, string? Directory);

/// <summary>One wish line: all that a keeper wants a rank to know.</summary>
/// <param name="Committed">Newest committed step of the job; null: none.</param>
/// <param name="Durable">Newest step of this rank in this generation that survives a crash; null: none.</param>
/// <param name="Request">The checkpoint on demand; null: none.</param>
public sealed record WorkerWish(TrainingStep? Committed, TrainingStep? Durable, CheckpointRequest? Request);
