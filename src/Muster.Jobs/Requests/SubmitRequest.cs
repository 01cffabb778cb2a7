using System.Collections.Immutable;
using Muster.Jobs.Reasons;
using Muster.Jobs.Records;
using Muster.Jobs.Specification;
using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Requests;

/// <summary>Submits a job; typing the same command again resumes, continues or shows, as the job stands.</summary>
public static class SubmitRequest
{
    /// <summary>Plans a submission.</summary>
    /// <param name="job">The job of that name as listed; null: there is none.</param>
    /// <param name="specification">Validated, defaults filled in.</param>
    /// <param name="options">How a job that exists is treated.</param>
    public static RequestPlan Plan(JobState? job, JobSpecification specification, SubmitOptions options)
    {
        if (SecretsRefused(specification, options) is { } refused)
            return refused;
        var bytes = RecordJson.Encode(Record(specification, options, 1, 1), RecordContext.Default.SpecificationRecord).Length;
        if (bytes > RequestLimits.SpecificationBytesMax)
            return new RequestPlan.Refused(
                RequestRefusal.TooLarge,
                $"the specification has {bytes} bytes stored, the limit is {RequestLimits.SpecificationBytesMax}: shorten run or env");
        if (job is null || (job.Specification is null && job.Problem is null))
            return First(job, specification, options);
        return JobRequests.Unusable(job) ?? Existing(job, specification, options);
    }

    private static RequestPlan Existing(JobState job, JobSpecification specification, SubmitOptions options)
    {
        var known = job.Specification!.Value;
        var phase = JobRequests.Phase(job);
        var isChanged = !Same(known.Specification, specification) || known.Program != options.Program;
        if (isChanged && !options.AcceptsChange)
            return new RequestPlan.Refused(
                RequestRefusal.Changed,
                $"job {job.Job} exists with another specification or program: take the new one with --accept-change, or choose another name");
        if (JobPhases.IsFinished(phase))
            return options.Again
                ? Again(job, specification, options)
                : new RequestPlan.AlreadySo(phase, $"job {job.Job} is {JobRequests.Word(job)}: run it again with --again");
        if (isChanged)
            return Replace(job, Record(specification, options, known.Submission + 1, known.BeginsAt), options, $"job {job.Job} takes the changed specification");
        return JobRequests.Control(job).Wish == JobWish.Run && phase != JobPhase.Stopped
            ? new RequestPlan.AlreadySo(phase, $"job {job.Job} is {JobRequests.Word(job)} already")
            : JobRequests.Resume(job) is RequestPlan.Apply resume ? resume : new RequestPlan.AlreadySo(phase, $"job {job.Job} is about to resume");
    }

    private static RequestPlan.Apply Again(JobState job, JobSpecification specification, SubmitOptions options)
    {
        var known = job.Specification!.Value;
        var next = known.Submission + 1;
        var fromBeginning = options.FromBeginning ?? true;
        return Replace(job, Record(specification, options, next, fromBeginning ? next : known.BeginsAt), options, $"job {job.Job} runs again");
    }

    /// <summary>A new specification; <c>current</c> is guarded, so that the phase this was decided by still holds.</summary>
    private static RequestPlan.Apply Replace(JobState job, SpecificationRecord record, SubmitOptions options, string text)
    {
        var control = JobRequests.Control(job);
        return new(
            Transaction.When(
                [
                    Compare.ModifiedAt(JobKeys.Specification(job.Job), job.Specification!.Modified),
                    Compare.ModifiedAt(JobKeys.Control(job.Job), job.Control?.Modified ?? Revision.None),
                    Compare.ModifiedAt(JobKeys.Current(job.Job), job.Current!.Modified),
                ],
                [
                    Put(record), PutSecrets(record, options),
                    JobRequests.PutControl(job.Job, control with { Wish = JobWish.Run, Save = null, Grace = null }),
                ]),
            text);
    }

    private static RequestPlan.Apply First(JobState? removed, JobSpecification specification, SubmitOptions options)
    {
        var job = specification.Name;
        var before = removed?.Current?.Value;
        var current = new CurrentRecord
        {
            Generation = before?.Generation ?? Generation.None, State = CurrentState.None, EventSequence = (before?.EventSequence ?? 0) + 1,
        };
        var reason = new Reason(ReasonKind.Submitted);
        var status = new StatusRecord { Phase = JobPhase.Waiting, Reason = reason, Submission = 1, Restarts = [], Suspects = [] };
        var record = Record(specification, options, 1, 1);
        var submitted = new JobEvent(current.EventSequence, current.Generation, "submitted", reason.Text, null, null);
        return new(
            Transaction.When(
                [
                    Compare.Absent(JobKeys.Specification(job)),
                    Compare.ModifiedAt(JobKeys.Current(job), removed?.Current?.Modified ?? Revision.None),
                ],
                [
                    Put(record), PutSecrets(record, options), JobRequests.PutControl(job, new()),
                    new Operation.Put(JobKeys.Current(job), RecordJson.Encode(current, RecordContext.Default.CurrentRecord)),
                    new Operation.Put(JobKeys.Status(job), RecordJson.Encode(status, RecordContext.Default.StatusRecord)),
                    new Operation.Put(
                        JobKeys.Event(job, current.Generation, current.EventSequence),
                        RecordJson.Encode(new() { Event = submitted }, RecordContext.Default.EventRecord)),
                ]),
            $"job {job} is submitted");
    }

    private static SpecificationRecord Record(JobSpecification specification, SubmitOptions options, long submission, long beginsAt) =>
        new() { Specification = specification, Program = options.Program, Submission = submission, BeginsAt = beginsAt };

    private static Operation.Put Put(SpecificationRecord record) => new(
        JobKeys.Specification(record.Specification.Name), RecordJson.Encode(record, RecordContext.Default.SpecificationRecord));

    private static Operation.Put PutSecrets(SpecificationRecord record, SubmitOptions options) => new(
        JobKeys.Secrets(record.Specification.Name),
        RecordJson.Encode(
            new() { Values = options.Secrets.ToImmutableSortedDictionary(StringComparer.Ordinal) }, RecordContext.Default.SecretsRecord));

    /// <summary>Records with arrays are compared by what they are stored as.</summary>
    private static bool Same(JobSpecification left, JobSpecification right) =>
        RecordJson.Encode(Record(left, new(), 1, 1), RecordContext.Default.SpecificationRecord)
        == RecordJson.Encode(Record(right, new(), 1, 1), RecordContext.Default.SpecificationRecord);

    private static RequestPlan.Refused? SecretsRefused(JobSpecification specification, SubmitOptions options)
    {
        var needed = specification.Environment.Where(entry => entry.Value is null).Select(entry => entry.Key).ToList();
        var missing = needed.Where(name => !options.Secrets.ContainsKey(name)).ToList();
        if (missing.Count > 0)
            return new(RequestRefusal.Secrets, $"env has no value for {string.Join(", ", missing)}: supply it with --env {missing[0]}=VALUE");
        var unasked = options.Secrets.Keys.Where(name => !needed.Contains(name)).Order(StringComparer.Ordinal).ToList();
        return unasked.Count == 0
            ? null
            : new(RequestRefusal.Secrets, $"{unasked[0]} was supplied but is not in env with the value null: add it there");
    }
}
