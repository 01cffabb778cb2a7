using Muster.Codecs.Control;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Records;
using Muster.Jobs.Requests;
using Muster.Jobs.Views;
using Muster.Primitives;
using Muster.Server.Coordination;
using Muster.Stores;

namespace Muster.Server.Control;

/// <summary>Writes what people want into the store, each as a guarded transaction, planned anew when somebody was faster.</summary>
public sealed class JobWishes(IStore store, CoordinatorLoop coordinator)
{
    /// <summary>Submits a job.</summary>
    public async Task<SubmitReply> SubmitAsync(JobSubmission submission)
    {
        ArgumentNullException.ThrowIfNull(submission);
        var options = new SubmitOptions
        {
            Program = submission.ProgramDigest,
            AcceptsChange = submission.AcceptChange,
            Again = submission.Again,
            Secrets = submission.Secrets,
        };
        JobPhase? before = null;
        var plan = await CarryOutAsync(submission.Specification.Name.Name, job =>
        {
            before = job?.Status?.Value.Phase;
            return SubmitRequest.Plan(job, submission.Specification, options);
        });
        return plan switch
        {
            RequestPlan.Apply(_, var text) => new(before == JobPhase.Stopped ? SubmitOutcome.Resumed : SubmitOutcome.Accepted, text, null),
            RequestPlan.AlreadySo(var phase, var text) =>
                new(JobPhases.IsFinished(phase) ? SubmitOutcome.Finished : SubmitOutcome.Continued, text, null),
            RequestPlan.Refused(RequestRefusal.Changed, var text) => new(SubmitOutcome.Changed, text, null),
            RequestPlan.Refused(_, var text) => new(SubmitOutcome.Refused, text, null),
            _ => throw new InvariantBrokenException("a plan is applied, already so or refused"),
        };
    }

    /// <summary>Stops a job, resumably, or cancels it.</summary>
    public Task<ControlReply> StopAsync(string job, StopRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        TimeSpan? grace = request.GraceSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        return ReplyAsync(job, state => request.Resumable
            ? JobRequests.Stop(state, request.Save, grace)
            : request.Save == true ? JobRequests.Cancel(state, grace, save: true) : JobRequests.Cancel(state, grace));
    }

    /// <summary>Asks for a checkpoint now.</summary>
    public Task<ControlReply> AskCheckpointAsync(string job) => ReplyAsync(job, JobRequests.Checkpoint);

    /// <summary>Removes a job that is over.</summary>
    public Task<ControlReply> RemoveAsync(string job) => ReplyAsync(job, JobRequests.Remove);

    /// <summary>Pins, unpins or removes a checkpoint.</summary>
    /// <param name="job">Whose.</param>
    /// <param name="checkpoint">Its step, or step.generation.</param>
    /// <param name="change">pin, unpin, rm or rm-force.</param>
    public async Task<ControlReply> ChangeCheckpointAsync(string job, string checkpoint, string change)
    {
        TrainingStep step;
        Generation? generation = null;
        if (CheckpointLayout.TryParseDirectoryName(checkpoint, out var named, out var by))
            (step, generation) = (named, by);
        else if (long.TryParse(checkpoint, out var number))
            step = new(number);
        else
            return new(false, $"'{checkpoint}' names no checkpoint: give its step, or step.generation as `muster ckpt ls` shows it");
        return change switch
        {
            "pin" => await ReplyAsync(job, state => CheckpointRequests.Pin(state, step, generation, pinned: true)),
            "unpin" => await ReplyAsync(job, state => CheckpointRequests.Pin(state, step, generation, pinned: false)),
            "rm" => await ReplyAsync(job, state => CheckpointRequests.Remove(state, step, generation, force: false)),
            "rm-force" => await ReplyAsync(job, state => CheckpointRequests.Remove(state, step, generation, force: true)),
            _ => new(false, $"'{change}' cannot be done to a checkpoint: pin, unpin, rm or rm-force"),
        };
    }

    private async Task<ControlReply> ReplyAsync(string job, Func<JobState?, RequestPlan> plan) => await CarryOutAsync(job, plan) switch
    {
        RequestPlan.Apply(_, var text) => new(true, text),
        RequestPlan.AlreadySo(_, var text) => new(true, text),
        RequestPlan.Refused(_, var text) => new(false, text),
        _ => throw new InvariantBrokenException("a plan is applied, already so or refused"),
    };

    /// <summary>Plans from the newest state and applies; a guard that fails means that the state was not the newest.</summary>
    private async Task<RequestPlan> CarryOutAsync(string name, Func<JobState?, RequestPlan> make) => await await coordinator.AskAsync(async _ =>
    {
        var decoder = new ListingDecoder();
        for (var tries = 0; ; tries++)
        {
            var found = await store.RangeAsync(new Operation.Range(KeyRange.Prefix(JobKeys.Root)), default);
            var listing = decoder.Decode(found.At, found.Keys);
            var job = JobId.IsValid(name) ? listing.Jobs.GetValueOrDefault(new JobId(name)) : null;
            var plan = make(job);
            if (plan is not RequestPlan.Apply(var transaction, _))
                return plan;
            if ((await store.TransactAsync(transaction, null, default)).Succeeded || tries >= RequestLimits.TriesMax)
                return plan;
        }
    });   // awaited twice: Unwrap would answer from a thread of the pool
}
