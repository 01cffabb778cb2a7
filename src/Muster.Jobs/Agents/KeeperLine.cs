using System.Collections.Immutable;
using System.Diagnostics;
using Muster.Jobs.Keepers;
using Muster.Primitives;

namespace Muster.Jobs.Agents;

/// <summary>An agent's line to one keeper, and what is done when the keeper is gone.</summary>
internal sealed class KeeperLine(AgentLimits limits, string tag)
{
    /// <summary>Applies what happened to a keeper; whether the server must hear of it, and whether the journal changed.</summary>
    public (bool Tell, bool Persist) Take(HeldJob held, AgentInput input, List<AgentEffect> effects)
    {
        switch (input)
        {
            case AgentInput.KeeperStarted(_, var process, _) when held.State == KeeperState.Starting:
                held.Keeper = process;
                Call(held, effects);
                return (false, false);
            case AgentInput.KeeperNotStarted(_, var why, _) when held.State == KeeperState.Starting:
                (held.State, held.Refusal) = (KeeperState.Gone, why);
                return (true, false);
            case AgentInput.KeeperSaid(_, var message, var now) when held.State is KeeperState.Calling or KeeperState.Connected:
                return (TakeWord(held, message, now, effects), false);
            case AgentInput.KeeperClosed(_, var process, true, var now)
                when held.Keeper == process && held.State is (KeeperState.Calling or KeeperState.Connected):
                CallAgain(held, now, effects);
                return (false, false);
            case AgentInput.KeeperClosed(_, var process, false, _) when held.HasKeeper && held.Keeper == process:
                return Lose(held, effects);
            case AgentInput.KeeperExited(_, var process, _) when held.HasKeeper && (held.Keeper is null || held.Keeper == process):
                return Lose(held, effects);
            case AgentInput.JournalRead(_, var journal, var now) when held.State == KeeperState.Reading:
                return (true, TakeJournal(held, journal, now));
            default:
                return (false, false);   // about a keeper that is no longer the one meant
        }
    }

    /// <summary>Finds the running keeper of a job in the journal, or ends what a keeper that is gone left behind.</summary>
    public void Swept(HeldJob held, ImmutableArray<SeenProcess> processes, Instant now, List<AgentEffect> effects)
    {
        var mark = ProcessTags.KeeperOfValue(tag, held.Job);
        if (processes.FirstOrDefault(process => process.KeeperOf == mark) is { } keeper)
        {
            if (!held.Recovering)
            {
                // A keeper that was given up, such as one that never answered.
                effects.Add(new AgentEffect.Kill(keeper.Process));
                SweepLater(held, now, effects);
                return;
            }

            (held.Keeper, held.Recovering, held.StartedAt) = (keeper.Process, false, now);
            Call(held, effects);
            return;
        }

        var strays = processes.Where(process => process.Agent == tag && process.Job == held.Job.Name).ToList();
        foreach (var stray in strays)
            effects.Add(new AgentEffect.Kill(stray.Process));
        if (strays.Count > 0)
        {
            SweepLater(held, now, effects);
            return;
        }

        held.State = KeeperState.Reading;
        effects.Add(new AgentEffect.ReadJournal(held.Job));
    }

    public void Tick(HeldJob held, Instant now, List<AgentEffect> effects)
    {
        switch (held.State)
        {
            case KeeperState.Clearing when now >= held.SweepAt:
                held.SweepAt = now + limits.SweepEvery;
                effects.Add(new AgentEffect.Sweep());
                break;
            case KeeperState.Calling when held.CallAt is { } callAt && now >= callAt:
                if (now - held.StartedAt > limits.KeeperStart)
                {
                    effects.Add(new AgentEffect.Note($"the keeper of job {held.Job} does not answer: it is killed"));
                    Lose(held, effects);
                }
                else
                {
                    Call(held, effects);
                }

                break;
        }
    }

    private static void Call(HeldJob held, List<AgentEffect> effects)
    {
        (held.State, held.CallAt) = (KeeperState.Calling, null);
        effects.Add(new AgentEffect.CallKeeper(held.Job, held.Keeper!.Value));
    }

    private void CallAgain(HeldJob held, Instant now, List<AgentEffect> effects)
    {
        if (held.State == KeeperState.Connected)
            held.StartedAt = now;
        held.CallPause = held.State == KeeperState.Connected || held.CallPause == default
            ? limits.ReconnectMin
            : TimeSpan.FromTicks(Math.Min(held.CallPause.Ticks * 3 / 2, limits.ReconnectMax.Ticks));
        (held.State, held.CallAt) = (KeeperState.Calling, now + held.CallPause);
        effects.Add(new AgentEffect.WakeAfter(held.CallPause));
    }

    private static bool TakeWord(HeldJob held, KeeperMessage message, Instant now, List<AgentEffect> effects)
    {
        switch (message)
        {
            case KeeperMessage.Hello(var version, var job, var process):
                if (job != held.Job || version > KeeperProtocol.Version)
                {
                    effects.Add(new AgentEffect.Note(
                        $"a keeper of job {job} that speaks version {version} answered for job {held.Job}; this agent speaks {KeeperProtocol.Version}"));
                    return Lose(held, effects).Tell;
                }

                (held.State, held.Keeper, held.CallPause, held.WishChanged) = (KeeperState.Connected, process, default, true);
                return false;
            case KeeperMessage.Facts(var facts):
                held.Take(facts, now);
                return true;
            default:
                throw new UnreachableException();
        }
    }

    private static (bool Tell, bool Persist) Lose(HeldJob held, List<AgentEffect> effects)
    {
        held.State = KeeperState.Clearing;
        held.KeeperLost = !held.Releasing;
        effects.Add(new AgentEffect.Sweep());
        return (true, false);
    }

    private static bool TakeJournal(HeldJob held, KeeperJournal? journal, Instant now)
    {
        var tookUp = journal is not null && journal.Generation.CompareTo(held.Generation) >= 0;
        if (held.Recovering && !held.KeeperLost && !tookUp && !held.Releasing)
        {
            // The crash came between the journal and the start of the keeper: nothing of this generation ever ran.
            (held.State, held.Recovering) = (KeeperState.Wanted, false);
            return false;
        }

        (held.State, held.Recovering) = (KeeperState.Gone, false);
        if (tookUp)
            held.Take(journal!, now);
        held.KeeperLost = !(tookUp && journal!.Ended);
        held.Keeper = null;
        return true;
    }

    private void SweepLater(HeldJob held, Instant now, List<AgentEffect> effects)
    {
        held.SweepAt = now + limits.SweepEvery;
        effects.Add(new AgentEffect.WakeAfter(limits.SweepEvery));
    }
}
