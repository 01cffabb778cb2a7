using Muster.Jobs.Coordinator;
using Muster.Jobs.Records;
using Muster.Jobs.Views;

namespace Muster.Jobs.Deciding;

/// <summary>The one next decision about a job: desired and observed in, at most one change out.</summary>
internal static class JobDecider
{
    /// <param name="context">What is desired and observed.</param>
    /// <param name="manifest">A manifest that is durable and waits for its key; null: none.</param>
    /// <param name="deleted">Whether the files of a removed checkpoint or swept generation are gone.</param>
    public static Change? Decide(JobContext context, DurableManifest? manifest, Func<JobContext, Change?> deleted)
    {
        if (deleted(context) is { } forgotten)
            return forgotten;
        if (manifest is not null && CommitDecider.Commit(context, manifest) is { } commit)
            return commit;
        return SubmissionDecider.Decide(context) ?? UnsavedDecider.Tell(context) ?? ByState(context) ?? RetentionDecider.Retire(context);
    }

    private static Change? ByState(JobContext context) => context.Current.State switch
    {
        CurrentState.Running when context.Generation is { } generation => RunningDecider.Decide(context, generation.Value),
        CurrentState.Closed when context.Status.Phase == JobPhase.Stopping => OutcomeDecider.Decide(context),
        CurrentState.None or CurrentState.Closed when context.Status.Phase == JobPhase.Waiting => FormingDecider.Decide(context),
        CurrentState.None or CurrentState.Closed => SettledDecider.Decide(context),
        _ => null,
    };
}

/// <summary>A manifest that is durable and has no key yet.</summary>
/// <param name="Manifest">Its content.</param>
/// <param name="Path">Where it lies.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Digest">Its digest.</param>
internal sealed record DurableManifest(Checkpoints.Manifest Manifest, string Path, long Bytes, string Digest);
