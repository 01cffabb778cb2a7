using System.Collections.Immutable;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Deciding;
using Muster.Jobs.Records;
using Muster.Primitives;

namespace Muster.Jobs.Coordinator;

/// <summary>Work on a job's files: manifests before their keys, deletions after theirs.</summary>
internal static class FileWork
{
    /// <summary>Starts what is to be written or deleted and is not under way.</summary>
    public static IEnumerable<CoordinatorEffect> Start(JobContext context, JobMemory memory, Func<long> nextId)
    {
        if (WriteManifest(context, memory, nextId) is { } write)
            yield return write;
        foreach (var effect in Delete(context.Job, memory, context.Limits, context.Now, nextId))
            yield return effect;
    }

    /// <summary>Deletes what keys say is to go; needs no specification, so it also serves jobs that were removed.</summary>
    public static IEnumerable<CoordinatorEffect> Delete(
        JobState job, JobMemory memory, CoordinatorLimits limits, Instant now, Func<long> nextId)
    {
        var wanted = new HashSet<ByteString>();
        foreach (var (name, files) in job.Removed)
        {
            var key = JobKeys.Removed(job.Job, name.Step, name.Generation);
            wanted.Add(key);
            if (Begin(memory, key, now) is { } work)
                yield return new CoordinatorEffect.DeleteCheckpoint((work.Id = nextId()).Value, job.Job, files.Value.Directory);
        }

        foreach (var (generation, files) in job.Sweeps)
        {
            var key = JobKeys.Sweep(job.Job, generation);
            wanted.Add(key);
            ImmutableArray<TrainingStep> keep =
                [.. job.Checkpoints.Where(stored => stored.Value.Checkpoint.Generation == generation).Select(stored => stored.Value.Checkpoint.Step)];
            if (Begin(memory, key, now) is { } work)
                yield return new CoordinatorEffect.SweepGeneration(
                    (work.Id = nextId()).Value, job.Job, files.Value.Directory, generation, keep);
        }

        foreach (var gone in memory.Deletions.Keys.Where(key => !wanted.Contains(key)).ToList())
            memory.Deletions.Remove(gone);
    }

    /// <summary>Forgets one deletion that is done; null: none is.</summary>
    public static ByteString? Done(JobState job, JobMemory memory) =>
        job.Removed.Select(entry => JobKeys.Removed(job.Job, entry.Name.Step, entry.Name.Generation))
            .Concat(job.Sweeps.Select(entry => JobKeys.Sweep(job.Job, entry.Generation)))
            .Where(key => memory.Deletions.TryGetValue(key, out var work) && work.IsDone)
            .Select(key => (ByteString?)key)
            .FirstOrDefault();

    public static void Written(JobMemory memory, CoordinatorInput.ManifestWritten answer, CoordinatorLimits limits)
    {
        if (memory.Manifest is not { } work || work.Id != answer.Id)
            return;
        work.Id = null;
        work.Digest = answer.Error is null ? answer.Digest : null;
        if (work.Digest is not null)
            return;
        work.Failures++;
        work.RetryAt = answer.Now + limits.FilesRetry;
    }

    public static void Deleted(JobMemory memory, CoordinatorInput.FilesDeleted answer, CoordinatorLimits limits)
    {
        foreach (var work in memory.Deletions.Values.Where(work => work.Id == answer.Id))
        {
            work.Id = null;
            work.IsDone = answer.Error is null;
            work.RetryAt = answer.Now + limits.FilesRetry;
        }
    }

    private static CoordinatorEffect.WriteManifest? WriteManifest(JobContext context, JobMemory memory, Func<long> nextId)
    {
        if (CommitDecider.Next(context) is not var (manifest, path))
        {
            var isGivenUp = context.IsManifestHopeless && memory.Manifest?.Manifest.Generation == context.Current.Generation;
            memory.Manifest = isGivenUp ? memory.Manifest : null;
            return null;
        }

        var work = memory.Manifest;
        if (work is null || work.Manifest.Step != manifest.Step || work.Manifest.Generation != manifest.Generation)
            memory.Manifest = work = new(manifest, path, ManifestCodec.Encode(manifest));
        if (work.Id is not null || work.Digest is not null || context.Now < work.RetryAt)
            return null;
        work.Id = nextId();
        return new(work.Id.Value, context.Job.Job, work.Path, work.Bytes);
    }

    private static DeletionWork? Begin(JobMemory memory, ByteString key, Instant now)
    {
        if (!memory.Deletions.TryGetValue(key, out var work))
            memory.Deletions[key] = work = new();
        return work.Id is not null || work.IsDone || now < work.RetryAt ? null : work;
    }
}
