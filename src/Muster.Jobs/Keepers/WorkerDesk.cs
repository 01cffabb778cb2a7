using System.Collections.Immutable;
using System.Diagnostics;
using Muster.Jobs.Checkpoints;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Keepers;

/// <summary>Answers the training programs of one generation (docs/worker-api.md).</summary>
internal sealed class WorkerDesk(KeeperIdentity keeper, GenerationRun run)
{
    private readonly List<ExchangeId> _listing = [];
    private readonly SortedDictionary<Rank, ExchangeId> _granting = [];
    private bool _shardsChecked;
    private string? _shardsDamage;
    private bool _shardsAsked;

    private string Root => run.Assignment.Launch.CheckpointRoot;

    public void Ask(RankRun rank, ExchangeId exchange, WorkerRequest request, List<KeeperEffect> effects)
    {
        switch (request)
        {
            case WorkerRequest.Join:
                rank.Joined = true;
                AnswerJoin(rank, exchange, effects);
                break;
            case WorkerRequest.Describe:
                AnswerJoin(rank, exchange, effects);
                break;
            case WorkerRequest.BeginCheckpoint(var step, var background):
                if (rank.Shards.Ask(exchange, step, background) is { } refusal)
                    Answer(exchange, refusal, effects);
                else
                    Grant(rank, effects);
                break;
            case WorkerRequest.FinishCheckpoint(var step):
                Finish(rank, exchange, step, effects);
                break;
            case WorkerRequest.AbandonCheckpoint(var step):
                Abandon(rank, exchange, step, effects);
                break;
            case WorkerRequest.ListShards:
                ListShards(exchange, effects);
                break;
            default:
                throw new UnreachableException();
        }
    }

    public void AskerGone(ExchangeId exchange)
    {
        _listing.Remove(exchange);
        foreach (var rank in run.Ranks)
        {
            rank.Joining.Remove(exchange);
            rank.Shards.AskerGone(exchange);
        }
    }

    /// <summary>Hands out the waiting rank's directory when nothing holds it back any more.</summary>
    public void Grant(RankRun rank, List<KeeperEffect> effects)
    {
        if (!rank.Shards.MayBegin(run.Assignment.Committed, run.Assignment.Launch.Specification.Checkpoint.UncommittedMax))
            return;
        var waiting = rank.Shards.Waiting!;
        var final = CheckpointLayout.ShardDirectory(Root, keeper.Job, waiting.Step, run.Number, rank.Rank);
        var written = waiting.Background ? CheckpointLayout.ShardDirectory(keeper.StagingDirectory, keeper.Job, waiting.Step, run.Number, rank.Rank) : final;
        _granting[rank.Rank] = waiting.Exchange;
        rank.Shards.Begin(written, final);
        effects.Add(new KeeperEffect.MakeDirectory(run.Number, rank.Rank, waiting.Step, written));
    }

    public void DirectoryMade(RankRun rank, TrainingStep step, string? trouble, List<KeeperEffect> effects)
    {
        if (rank.Shards.Open is not { HandedOut: false } open || open.Step != step || !_granting.Remove(rank.Rank, out var exchange))
            return;
        if (trouble is null)
        {
            rank.Shards.HandOut();
            Answer(exchange, new WorkerAnswer.Directory(open.Written), effects);
            return;
        }

        rank.Shards.Abandon(step);
        rank.NotSaved(step, trouble);
        Answer(exchange, new WorkerAnswer.Refusal(507, trouble), effects);
    }

    public void Sealed(RankRun rank, TrainingStep step, ImmutableArray<ShardFile>? files, string? why, List<KeeperEffect> effects)
    {
        var written = rank.Shards.Sealing!;
        var asker = rank.Shards.Sealed(rank.Rank, step, files);
        if (files is { } whole)
        {
            rank.Saved();
            effects.Add(new KeeperEffect.Persist(run.Journal()));
            if (asker is { } waits)
                Answer(waits, new WorkerAnswer.Durable(whole), effects);
        }
        else
        {
            rank.NotSaved(step, why!);
            effects.Add(new KeeperEffect.Discard(written.Written));
            if (written.Final != written.Written)
                effects.Add(new KeeperEffect.Discard(written.Final));
            if (asker is { } waits)
                Answer(waits, new WorkerAnswer.Refusal(507, why!), effects);
        }

        run.Wish(rank, effects);
        Grant(rank, effects);
    }

    public void Verified(RankRun rank, string? damage, List<KeeperEffect> effects)
    {
        rank.RestoreChecked = true;
        if (damage is not null)
            rank.RestoreTrouble = new RestoreTrouble(Damaged: true, rank.Cut(damage));
        foreach (var exchange in rank.Joining)
            AnswerJoin(rank, exchange, effects, waited: true);
        rank.Joining.Clear();
    }

    public void ShardsVerified(string? damage, List<KeeperEffect> effects)
    {
        (_shardsChecked, _shardsDamage) = (true, damage);
        foreach (var exchange in _listing)
            AnswerShards(exchange, effects);
        _listing.Clear();
        if (damage is not null)
            foreach (var rank in run.Ranks)
                rank.RestoreTrouble ??= new RestoreTrouble(Damaged: true, rank.Cut(damage));
    }

    private void AnswerJoin(RankRun rank, ExchangeId exchange, List<KeeperEffect> effects, bool waited = false)
    {
        if (!rank.RestoreChecked)
        {
            Invariant.Require(!waited);
            rank.Joining.Add(exchange);
        }
        else if (rank.RestoreTrouble is { Damaged: true } trouble)
        {
            Answer(exchange, new WorkerAnswer.Refusal(
                410, $"the checkpoint to resume from is damaged ({trouble.Detail}); Muster restarts the job from an older one"), effects);
        }
        else
        {
            Answer(exchange, new WorkerAnswer.Run(Describe(rank)), effects);
        }
    }

    private RunDescription Describe(RankRun rank)
    {
        var launch = run.Assignment.Launch;
        return new RunDescription
        {
            Job = run.Assignment.Job,
            Rank = rank.Rank,
            WorldSize = launch.WorldSize,
            LocalRank = rank.Placement.LocalRank,
            LocalWorldSize = launch.Ranks.Length,
            NodeRank = launch.NodeRank,
            Generation = run.Number,
            Attempt = launch.Attempt,
            CheckpointEvery = launch.Specification.Checkpoint.Every,
            UncommittedMax = launch.Specification.Checkpoint.UncommittedMax,
            Restore = launch.RestoreFrom is { } from
                ? new RestoreDescription(from.Step, from.WorldSize, run.VerifiesRanks ? Shard(from, rank.Rank) : null)
                : null,
        };
    }

    private string Shard(CheckpointReference from, Rank rank) => CheckpointLayout.ShardDirectory(Root, keeper.Job, from.Step, from.Generation, rank);

    private void Finish(RankRun rank, ExchangeId exchange, TrainingStep step, List<KeeperEffect> effects)
    {
        if (!rank.Shards.IsOpen(step))
        {
            Answer(exchange, new WorkerAnswer.Refusal(409, $"no checkpoint of step {step} was begun; POST /v1/checkpoints first"), effects);
            return;
        }

        var background = rank.Shards.Open!.Background;
        var open = rank.Shards.Finish(background ? null : exchange);
        if (background)
            Answer(exchange, new WorkerAnswer.Accepted(), effects);
        effects.Add(new KeeperEffect.Seal(run.Number, rank.Rank, step, open.Written, open.Final));
    }

    private void Abandon(RankRun rank, ExchangeId exchange, TrainingStep step, List<KeeperEffect> effects)
    {
        if (rank.Shards.IsOpen(step) && rank.Shards.Abandon(step) is { } open)
            effects.Add(new KeeperEffect.Discard(open.Written));
        Answer(exchange, new WorkerAnswer.Done(), effects);
        Grant(rank, effects);
    }

    private void ListShards(ExchangeId exchange, List<KeeperEffect> effects)
    {
        if (run.Assignment.Launch.RestoreFrom is not { } from)
        {
            Answer(exchange, new WorkerAnswer.Refusal(404, "there is no checkpoint to resume from: the job starts from the beginning"), effects);
            return;
        }

        if (_shardsChecked)
        {
            AnswerShards(exchange, effects);
            return;
        }

        _listing.Add(exchange);
        if (!_shardsAsked)
            effects.Add(new KeeperEffect.Verify(run.Number, null, Root, from));
        _shardsAsked = true;
    }

    private void AnswerShards(ExchangeId exchange, List<KeeperEffect> effects)
    {
        var from = run.Assignment.Launch.RestoreFrom!;
        Answer(exchange, _shardsDamage is { } damage
            ? new WorkerAnswer.Refusal(410, $"the checkpoint to resume from is damaged ({damage}); Muster restarts the job from an older one")
            : new WorkerAnswer.Shards(
                from.Step, [.. Enumerable.Range(0, from.WorldSize).Select(rank => Shard(from, new Rank(rank)))]), effects);
    }

    private static void Answer(ExchangeId exchange, WorkerAnswer answer, List<KeeperEffect> effects) =>
        effects.Add(new KeeperEffect.Answer(exchange, answer));
}
