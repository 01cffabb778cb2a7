using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Keepers;

/// <summary>One generation of a job on one host, from its first entry in the journal until nothing of it runs.</summary>
internal sealed class GenerationRun
{
    private readonly KeeperIdentity _keeper;
    private readonly KeeperLimits _limits;
    private readonly SparePool _spares;
    private readonly List<RankRun> _following = [];
    private int _exits;
    private bool _launched;
    private int _masterPort;
    private Instant? _followAt;

    public GenerationRun(KeeperIdentity keeper, KeeperLimits limits, SparePool spares, JobAssignment assignment, Instant now)
    {
        (_keeper, _limits, _spares, Assignment) = (keeper, limits, spares, assignment);
        Ranks = [.. assignment.Launch.Ranks.OrderBy(placement => placement.Rank).Select(p => new RankRun(p, now, limits))];
        End = new GenerationEnd(keeper, limits);
        foreach (var rank in Ranks)
            rank.RestoreChecked = !VerifiesRanks;
    }

    /// <summary>The newest wish for this generation.</summary>
    public JobAssignment Assignment { get; private set; }

    public Generation Number => Assignment.Generation;

    public ImmutableArray<RankRun> Ranks { get; }

    public GenerationEnd End { get; }

    public bool Ended { get; private set; }

    /// <summary>Why it cannot run here; null: it can.</summary>
    public string? Refusal { get; private set; }

    public bool Restores => Assignment.Launch.RestoreFrom is not null;

    /// <summary>Whether each rank resumes from files of its own: with another world size the program reads all shards.</summary>
    public bool VerifiesRanks => Assignment.Launch.RestoreFrom is { } from && from.WorldSize == Assignment.Launch.WorldSize;

    public RankRun? Find(Rank rank) => Ranks.FirstOrDefault(run => run.Rank == rank);

    /// <summary>First effects: the journal, then sockets and checks; ranks follow once the port is known.</summary>
    public void Begin(Instant now, List<KeeperEffect> effects)
    {
        effects.Add(new KeeperEffect.Persist(Journal()));
        if (Assignment.Stop is not null)
        {
            Update(Assignment, now, effects);
            return;
        }

        foreach (var rank in Ranks)
        {
            effects.Add(new KeeperEffect.OpenSocket(Number, rank.Rank, _keeper.Socket(Number, rank.Rank)));
            if (VerifiesRanks)
                effects.Add(new KeeperEffect.Verify(
                    Number, rank.Rank, Assignment.Launch.CheckpointRoot, Assignment.Launch.RestoreFrom!));
            Wish(rank, effects);
        }

        var port = Assignment.Launch.MasterPort;
        if (port != 0)
            Launch(port, now, effects);
        else if (Find(new Rank(0)) is not null)
            effects.Add(new KeeperEffect.FindPort(Number));
        else
            Refuse("the launch plan names no port for rank 0's store, and rank 0 runs on another host", now, effects);
    }

    /// <summary>Starts every rank, from a spare interpreter where one fits; others follow rank 0 a moment later where both start cold.</summary>
    /// <remarks>
    /// Equal programs that start together come to rank 0's store together, and half the time another comes before it listens: PyTorch's
    /// client then waits a second before it tries again.
    /// </remarks>
    public void Launch(int masterPort, Instant now, List<KeeperEffect> effects)
    {
        if (_launched || End.IsOrdered || Refusal is not null)
            return;
        _launched = true;
        _masterPort = masterPort;
        var isColdRankZeroHere = false;
        foreach (var rank in Ranks)
        {
            var launch = LaunchOf(rank);
            if (WarmRecipe.For(_keeper, Assignment, launch) is { } recipe
                && _spares.Take(rank.Placement.LocalRank, recipe, effects) is { } spare)
            {
                effects.Add(new KeeperEffect.TakeOver(Number, rank.Rank, spare, recipe.Order));
            }
            else if (isColdRankZeroHere)
            {
                _following.Add(rank);
            }
            else
            {
                isColdRankZeroHere = rank.Rank.Number == 0;
                effects.Add(new KeeperEffect.StartRank(Number, rank.Rank, launch));
            }
        }

        if (_following.Count == 0)
            return;
        _followAt = now + _limits.HeadStart;
        effects.Add(new KeeperEffect.WakeAfter(_limits.HeadStart));
        Follow(now, effects);
    }

    /// <summary>Starts the ranks that follow rank 0, when it is time.</summary>
    public void Follow(Instant now, List<KeeperEffect> effects)
    {
        if (_followAt is not { } due || now < due)
            return;
        _followAt = null;
        if (!End.IsOrdered)
            effects.AddRange(_following.Select(rank => new KeeperEffect.StartRank(Number, rank.Rank, LaunchOf(rank))));
    }

    public RankLaunch LaunchOf(RankRun rank) => new(
        Assignment.Launch.Specification.Run,
        Assignment.Launch.Specification.WorkingDirectory,
        RankEnvironment.Build(_keeper, Assignment, rank.Placement, _masterPort));

    /// <summary>What each slot's spare interpreter should be; none while the generation ends.</summary>
    public IEnumerable<(int Slot, WarmRecipe Recipe)> SparesWanted()
    {
        if (Ended || End.IsOrdered || !_launched)
            yield break;
        foreach (var rank in Ranks)
            if (WarmRecipe.For(_keeper, Assignment, LaunchOf(rank)) is { } recipe)
                yield return (rank.Placement.LocalRank, recipe);
    }

    /// <summary>Takes a newer wish for the same generation; whether facts changed.</summary>
    public bool Update(JobAssignment assignment, Instant now, List<KeeperEffect> effects)
    {
        // What is started is the same for the whole life of a generation: only the rest may change.
        var forgot = false;
        Assignment = Assignment with
        {
            Stop = assignment.Stop ?? Assignment.Stop,
            Checkpoint = assignment.Checkpoint,
            Committed = assignment.Committed ?? Assignment.Committed,
        };
        if (Ended)
            return false;
        if (Assignment.Stop is { } stop)
            End.Order(stop, Ranks, now, effects);
        foreach (var rank in Ranks)
        {
            if (Assignment.Committed is { } committed)
                forgot |= rank.Shards.Forget(committed);
            Wish(rank, effects);
        }

        return forgot;
    }

    /// <summary>The generation cannot run on this host: whatever runs of it ends at once.</summary>
    public void Refuse(string why, Instant now, List<KeeperEffect> effects)
    {
        Refusal ??= why;
        End.Order(new StopOrder(StopKind.Failure, Signals.Kill, TimeSpan.Zero), Ranks, now, effects);
    }

    /// <summary>A rank's process ended: on disk before anyone hears of it.</summary>
    public bool Exited(HostProcess process, int code, int signal, string? detail, List<KeeperEffect> effects)
    {
        var rank = Ranks.FirstOrDefault(run => run.Runs && run.Process == process);
        if (rank is null)
            return false;
        rank.Exit = new RankExit(code, signal, _exits++, rank.Asked, detail is null ? null : rank.Cut(detail));
        effects.Add(new KeeperEffect.Persist(Journal()));
        return true;
    }

    /// <summary>Tells a rank what is wished, when that changed.</summary>
    public void Wish(RankRun rank, List<KeeperEffect> effects)
    {
        var wish = new WorkerWish(Assignment.Committed, rank.Shards.NewestDurable, Assignment.Checkpoint);
        if (rank.LastWish == wish)
            return;
        rank.LastWish = wish;
        effects.Add(new KeeperEffect.Wish(Number, rank.Rank, wish));
    }

    /// <summary>Goes on ending; whether that was the last of it.</summary>
    public bool AdvanceEnd(Instant now, List<KeeperEffect> effects)
    {
        var starting = !_launched || Ranks.Any(rank => rank.Process is null);
        if (Ended || (starting && !End.IsOrdered) || (!End.IsOrdered && Ranks.Any(rank => rank.Runs)))
            return false;
        End.Advance(Ranks, now, effects);
        if (!End.IsClear || (End.WaitsForShards(now) && Ranks.Any(rank => rank.Shards.Sealing is not null)))
            return false;
        Ended = true;
        effects.Add(new KeeperEffect.Persist(Journal()));
        foreach (var rank in Ranks)
        {
            effects.Add(new KeeperEffect.CloseSocket(Number, rank.Rank));
            if (rank.Shards.Open is { } open)
                effects.Add(new KeeperEffect.Discard(open.Written));
        }

        return true;
    }

    public KeeperJournal Journal() => new()
    {
        Keeper = _keeper.Self,
        Generation = Number,
        Ended = Ended,
        Refusal = Refusal,
        Exits = [.. Ranks.Where(rank => rank.Exit is not null)
            .Select(rank => new JournaledExit(rank.Rank, rank.Process?.Pid ?? 0, rank.Step, rank.Exit!))],
        Shards = AllShards(),
    };

    public JobFacts Facts(Instant now) => new()
    {
        Job = _keeper.Job,
        Generation = Number,
        Phase = Phase(),
        Refusal = Refusal,
        Ranks = [.. Ranks.Select(rank => rank.Facts(now, Restores))],
        Shards = AllShards(),
        WarmSpares = _spares.Ready,
        WarmBytes = _spares.MemoryBytes,
        OutputDirectory = _keeper.OutputDirectory,
    };

    private NodePhase Phase()
    {
        if (Ended)
            return NodePhase.Ended;
        if (End.IsOrdered || (_launched && Ranks.All(rank => rank.Exit is not null)))
            return NodePhase.Stopping;
        return _launched && Ranks.All(rank => rank.Process is not null) ? NodePhase.Running : NodePhase.Starting;
    }

    private ImmutableArray<ShardFacts> AllShards() =>
        [.. Ranks.SelectMany(rank => rank.Shards.Durable).OrderBy(shard => shard.Step).ThenBy(shard => shard.Rank)];
}
