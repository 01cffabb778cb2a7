using System.Collections.Immutable;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Agents;

/// <summary>Where an agent stands with one job's keeper.</summary>
internal enum KeeperState
{
    /// <summary>In the journal; a keeper is to be started as soon as the plan is known.</summary>
    Wanted,

    /// <summary>Its process is being started.</summary>
    Starting,

    /// <summary>It runs; the link is being opened.</summary>
    Calling,

    /// <summary>It listens.</summary>
    Connected,

    /// <summary>It is gone; what it left running is being ended.</summary>
    Clearing,

    /// <summary>Nothing is left; what it left on disk is being read.</summary>
    Reading,

    /// <summary>It is gone and nothing of it runs.</summary>
    Gone,
}

/// <summary>One job on one host, as its agent sees it.</summary>
internal sealed class HeldJob(JobId job, Generation generation)
{
    private JobFacts? _facts;
    private Instant _factsAt;

    public JobId Job { get; } = job;

    public Generation Generation { get; set; } = generation;

    public KeeperState State { get; set; } = KeeperState.Wanted;

    public HostProcess? Keeper { get; set; }

    /// <summary>The newest wish; null: no server has spoken since the agent started.</summary>
    public JobAssignment? Desired { get; set; }

    /// <summary>Whether the keeper is to be told the wish now.</summary>
    public bool WishChanged { get; set; }

    public bool KeeperLost { get; set; }

    public bool Releasing { get; set; }

    /// <summary>Whether the agent found the job in its journal and has not yet found out whether a keeper took it up.</summary>
    public bool Recovering { get; set; }

    public string? Refusal { get; set; }

    public Instant? CallAt { get; set; }

    public TimeSpan CallPause { get; set; }

    public Instant StartedAt { get; set; }

    public Instant SweepAt { get; set; }

    public bool HasKeeper => State is KeeperState.Starting or KeeperState.Calling or KeeperState.Connected;

    public void Take(JobFacts facts, Instant now) => (_facts, _factsAt) = (facts, now);

    /// <summary>A keeper is gone: its journal has the last word about exits and shards.</summary>
    public void Take(KeeperJournal journal, Instant now)
    {
        var known = _facts is { } facts && facts.Generation == journal.Generation ? facts.Ranks : [];
        var exits = journal.Exits.Select(exit => (known.FirstOrDefault(rank => rank.Rank == exit.Rank)
            ?? new RankFacts { Rank = exit.Rank, Phase = RankPhase.Exited, Pid = exit.Pid, Step = exit.Step }) with
        {
            Phase = RankPhase.Exited,
            Exit = exit.Exit,
        });
        ImmutableArray<RankFacts> ranks =
            [.. exits.Concat(known.Where(rank => journal.Exits.All(exit => exit.Rank != rank.Rank))).OrderBy(rank => rank.Rank)];
        Refusal ??= journal.Refusal;
        Take(
            new JobFacts { Job = Job, Generation = journal.Generation, Phase = NodePhase.Ended, Ranks = ranks, Shards = journal.Shards },
            now);
    }

    public JobFacts Facts(Instant now)
    {
        var facts = _facts is { } known && known.Generation == Generation
            ? Aged(known, now - _factsAt)
            : new JobFacts { Job = Job, Generation = Generation, Phase = NodePhase.Starting };
        return State switch
        {
            KeeperState.Clearing or KeeperState.Reading when !Recovering =>
                facts with { Phase = NodePhase.Stopping, KeeperLost = KeeperLost },
            KeeperState.Gone => facts with { Phase = NodePhase.Ended, KeeperLost = KeeperLost, Refusal = Refusal ?? facts.Refusal },
            _ => facts,
        };
    }

    private static JobFacts Aged(JobFacts facts, TimeSpan age) => age <= TimeSpan.Zero ? facts : facts with
    {
        Ranks = [.. facts.Ranks.Select(rank => rank.Exit is null ? rank with { SinceProgress = rank.SinceProgress + age } : rank)],
    };
}
