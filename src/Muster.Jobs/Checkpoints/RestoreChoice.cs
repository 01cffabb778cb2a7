using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Jobs.Records;

namespace Muster.Jobs.Checkpoints;

/// <summary>What the next generation resumes from.</summary>
internal abstract record RestoreChoice
{
    private RestoreChoice()
    {
    }

    /// <summary>Nothing was ever committed: from the beginning.</summary>
    public sealed record Beginning : RestoreChoice;

    /// <summary>A committed checkpoint.</summary>
    public sealed record From(CheckpointReference Checkpoint) : RestoreChoice;

    /// <summary>There are committed ones and each is quarantined or suspect.</summary>
    public sealed record Nothing : RestoreChoice;

    /// <summary>The newest that is neither quarantined nor suspect. A fresh start only when none was ever committed.</summary>
    public static RestoreChoice Choose(
        ImmutableArray<Stored<CheckpointRecord>> checkpoints, long beginsAt, ImmutableArray<Suspect> suspects)
    {
        var mine = NewestFirst(checkpoints, beginsAt).Where(stored => stored.Value.Submission >= beginsAt).ToList();
        if (mine.Count == 0)
            return new Beginning();
        var usable = mine.Find(stored => IsUsable(stored.Value, suspects));
        return usable is null ? new Nothing() : new From(usable.Value.Checkpoint);
    }

    /// <summary>The newest usable checkpoint of a job's present run; null: none.</summary>
    public static CheckpointRecord? Newest(JobState job)
    {
        if (job.Specification is not { } specification)
            return null;
        var suspects = job.Status?.Value.Suspects ?? [];
        return NewestFirst(job.Checkpoints, specification.Value.BeginsAt)
            .Select(stored => stored.Value)
            .FirstOrDefault(record => record.Submission >= specification.Value.BeginsAt && IsUsable(record, suspects));
    }

    /// <summary>By step, then generation, those of an earlier beginning last.</summary>
    public static IEnumerable<Stored<CheckpointRecord>> NewestFirst(ImmutableArray<Stored<CheckpointRecord>> checkpoints, long beginsAt) =>
        checkpoints
            .OrderByDescending(stored => stored.Value.Submission >= beginsAt)
            .ThenByDescending(stored => stored.Value.Checkpoint.Step)
            .ThenByDescending(stored => stored.Value.Checkpoint.Generation);

    private static bool IsUsable(CheckpointRecord checkpoint, ImmutableArray<Suspect> suspects) =>
        checkpoint.Quarantine is null && !suspects.Any(suspect => suspect.Checkpoint == checkpoint.Name());
}
