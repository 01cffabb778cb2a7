using Muster.Jobs.Checkpoints;
using Muster.Jobs.Coordinator;
using Muster.Jobs.Records;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Tests.Invariants;

/// <summary>What must stay true of checkpoints, checked on the store's listing and the files after each effect.</summary>
internal sealed class CheckpointInvariants
{
    private readonly SortedDictionary<JobId, HashSet<CheckpointName>> _before = [];

    /// <summary>Checks a listing and the files; directories map to their manifest's bytes, or to none.</summary>
    public void Check(StoreListing listing, IReadOnlyDictionary<string, ByteString?> files)
    {
        foreach (var job in listing.Jobs.Values.Where(job => job.IsWhole))
        {
            foreach (var stored in job.Checkpoints)
                Whole(job.Job, stored.Value, files);
            NewestIsKept(job);
            NoStaleCommit(job);
        }
    }

    /// <summary>A committed key has its manifest, which names every shard of one generation with digests.</summary>
    private static void Whole(JobId job, CheckpointRecord record, IReadOnlyDictionary<string, ByteString?> files)
    {
        var directory = record.ManifestPath[..record.ManifestPath.LastIndexOf('/')];
        JobInvariants.Require(files.TryGetValue(directory, out var bytes) && bytes is not null, $"a key without its manifest cannot be: {directory}");
        JobInvariants.Require(ManifestCodec.Decode(bytes!.Value) is ManifestResult.Read, "a published manifest is whole");
        var manifest = ((ManifestResult.Read)ManifestCodec.Decode(bytes.Value)).Manifest;
        JobInvariants.Require(
            manifest.Job == job && manifest.Step == record.Checkpoint.Step && manifest.Generation == record.Checkpoint.Generation
            && manifest.Shards.Length == record.Checkpoint.WorldSize,
            "a published manifest names every shard of one generation");
    }

    /// <summary>Deletion never touches the last restorable one, nor the one being read.</summary>
    private void NewestIsKept(JobState job)
    {
        var now = job.Checkpoints.Select(stored => stored.Value.Name()).ToHashSet();
        if (_before.TryGetValue(job.Job, out var before) && before.Count > 0)
            JobInvariants.Require(now.Count > 0, "the last restorable checkpoint is never deleted");
        _before[job.Job] = now;
        if (job.Current!.Value is { State: CurrentState.Running, RestoreFrom: { } from })
            JobInvariants.Require(now.Contains(new(from.Step, from.Generation)), "the checkpoint being read is never deleted");
    }

    private readonly SortedDictionary<JobId, (long Generation, int Count)> _ofOlder = [];

    /// <summary>A generation that was replaced commits nothing any more.</summary>
    private void NoStaleCommit(JobState job)
    {
        var current = job.Current!.Value.Generation.Number;
        var older = job.Checkpoints.Count(stored => stored.Value.Checkpoint.Generation.Number < current);
        if (_ofOlder.TryGetValue(job.Job, out var before) && before.Generation == current)
            JobInvariants.Require(older <= before.Count, "a stale generation cannot publish");
        _ofOlder[job.Job] = (current, older);
    }
}
