using System.Collections.Immutable;
using Muster.Jobs.Records;

namespace Muster.Jobs.Checkpoints;

/// <summary>Which committed checkpoints may go.</summary>
internal static class Retention
{
    /// <summary>All but the last K good ones, what is newer than those, pinned ones, and the one restored from.</summary>
    /// <param name="checkpoints">Committed ones.</param>
    /// <param name="keep">K, at least 1.</param>
    /// <param name="beginsAt">First submission that counts; checkpoints of earlier ones are older than all others.</param>
    /// <param name="restoreFrom">What the current generation resumed from; it may be being read.</param>
    /// <param name="suspects">Passed over, so not good.</param>
    /// <returns>The ones to go, oldest first.</returns>
    /// <remarks>
    /// A quarantined one goes only when K good ones newer than it exist: until then it may be what is restored if all
    /// quarantines must be lifted.
    /// </remarks>
    public static ImmutableArray<Stored<CheckpointRecord>> ToGo(
        ImmutableArray<Stored<CheckpointRecord>> checkpoints, int keep, long beginsAt, CheckpointName? restoreFrom,
        ImmutableArray<Suspect> suspects)
    {
        var go = new List<Stored<CheckpointRecord>>();
        var good = 0;
        foreach (var stored in RestoreChoice.NewestFirst(checkpoints, beginsAt))
        {
            var checkpoint = stored.Value;
            if (good >= keep && !checkpoint.Pinned && checkpoint.Name() != restoreFrom)
                go.Add(stored);
            if (checkpoint.Quarantine is null && !suspects.Any(suspect => suspect.Checkpoint == checkpoint.Name()))
                good++;
        }

        go.Reverse();
        return [.. go];
    }
}
