using Muster.Codecs.Control;
using Muster.Jobs.Records;
using Muster.Jobs.Views;

namespace Muster.Simulation.Cluster;

/// <summary>Who submits the job, changes her mind, and in the end wants it finished.</summary>
internal sealed class Person(ClusterRun run)
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Whether she removed a checkpoint: she may even remove a result.</summary>
    public bool HasRemoved { get; private set; }

    public void Begin() => Look();

    /// <summary>Does something at a time of nobody's choosing.</summary>
    public void Act(FaultKind kind)
    {
        var chance = run.World.Faults;
        var job = run.Job.Name;
        bool? save = chance.Pick<bool?>([null, null, true, false]);
        switch (kind)
        {
            case FaultKind.AskCheckpoint:
                Ask(kind.ToString(), wishes => wishes.AskCheckpointAsync(job));
                break;
            case FaultKind.Stop:
                double? grace = chance.Pick<double?>([null, 0, 1]);
                Ask(kind.ToString(), wishes => wishes.StopAsync(job, new StopRequest(grace, save, Resumable: true)));
                break;
            case FaultKind.Cancel:
                Ask(kind.ToString(), wishes => wishes.StopAsync(job, new StopRequest(null, save, Resumable: false)));
                break;
            case FaultKind.Resume:
                Submit(again: chance.Chance(0.5));
                break;
            case FaultKind.ChangeCheckpoint when run.History.Job(run.Job).Checkpoints is { Count: > 0 } checkpoints:
                var (step, generation) = chance.Pick(checkpoints.Keys.ToList());
                var change = chance.Pick(["pin", "unpin", "rm"]);
                HasRemoved |= change == "rm";
                Ask($"{change} a checkpoint", wishes => wishes.ChangeCheckpointAsync(job, $"{step}.{generation}", change));
                break;
        }
    }

    /// <summary>Looks now and then: submits the first time, and once nothing fails any more wants the job to go on.</summary>
    private void Look()
    {
        var picture = run.History.Job(run.Job);
        var phase = picture.Status?.Phase;
        if (phase is null)
            Submit(again: false);
        else if (!run.Faults.AreActive && (phase is JobPhase.Stopped or JobPhase.Failed or JobPhase.Cancelled || picture.Control?.Wish != JobWish.Run))
            Submit(again: phase is JobPhase.Failed or JobPhase.Cancelled);
        else if (run.Faults.AreActive && phase == JobPhase.Completed)
            Submit(again: true);   // from the beginning: there is time for more faults
        run.World.After(s_lookEvery, Look);
    }

    private void Submit(bool again)
    {
        var submission = new JobSubmission(run.Plan.Specification, "program", false, again,
            System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty);
        Ask(again ? "submitted again" : "submitted", async wishes =>
        {
            var reply = await wishes.SubmitAsync(submission);
            return new ControlReply(reply.Outcome is SubmitOutcome.Accepted or SubmitOutcome.Resumed, reply.Detail);
        });
    }

    private void Ask(string what, Func<Server.Control.JobWishes, Task<ControlReply>> ask)
    {
        if (run.Host.Control is not { } control || control.Process.IsDead)
            return;
        control.Process.Fact($"a person asks: {what}");
        control.Process.Enqueue(async () =>
        {
            var reply = await ask(control.Wishes);
            control.Process.Fact(reply.Detail);
            if (!reply.Done)
                return;
            run.Faults.Reach(what);
            run.History.Acknowledge(control.Store.Revision);
        });
    }
}
