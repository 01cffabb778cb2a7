using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Jobs.Records;

/// <summary>A decoded value with the revisions of its key.</summary>
/// <param name="Value">The value.</param>
/// <param name="Created">Create revision.</param>
/// <param name="Modified">Modify revision.</param>
public sealed record Stored<T>(T Value, Revision Created, Revision Modified);

/// <summary>All that the store holds about one job, decoded.</summary>
public sealed record JobState
{
    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>What was submitted; null: it was removed.</summary>
    public Stored<SpecificationRecord>? Specification { get; init; }

    /// <summary>What people want; null: nothing was asked.</summary>
    public Stored<ControlRecord>? Control { get; init; }

    /// <summary>Where it stands.</summary>
    public Stored<StatusRecord>? Status { get; init; }

    /// <summary>Secrets.</summary>
    public Stored<SecretsRecord>? Secrets { get; init; }

    /// <summary>Its centre.</summary>
    public Stored<CurrentRecord>? Current { get; init; }

    /// <summary>The checkpoint on demand.</summary>
    public Stored<DemandRecord>? Demand { get; init; }

    /// <summary>Generations still kept, oldest first.</summary>
    public ImmutableArray<Stored<GenerationRecord>> Generations { get; init; } = [];

    /// <summary>Committed checkpoints, by step, then generation.</summary>
    public ImmutableArray<Stored<CheckpointRecord>> Checkpoints { get; init; } = [];

    /// <summary>Events still kept, oldest first.</summary>
    public ImmutableArray<Stored<EventRecord>> Events { get; init; } = [];

    /// <summary>Checkpoints whose files are to go.</summary>
    public ImmutableArray<(CheckpointName Name, Stored<FilesToDelete> Files)> Removed { get; init; } = [];

    /// <summary>Generations whose uncommitted shards are to go.</summary>
    public ImmutableArray<(Generation Generation, Stored<FilesToDelete> Files)> Sweeps { get; init; } = [];

    /// <summary>A value that could not be read, by key; null: all could. Nothing is decided about such a job.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether the job can be decided about.</summary>
    public bool IsWhole => Problem is null && Specification is not null && Status is not null && Current is not null;

    /// <summary>The newest generation's record; null: none was formed, or it is gone.</summary>
    internal Stored<GenerationRecord>? CurrentGeneration()
    {
        if (Current is not { } current || Generations.IsEmpty)
            return null;
        var last = Generations[^1];
        return last.Value.Generation == current.Value.Generation ? last : null;
    }
}
