using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Keepers;

/// <summary>One rank's checkpoints in one generation: one in flight, a bound on uncommitted ones, no path twice.</summary>
internal sealed class ShardWriting(KeeperLimits limits)
{
    /// <summary>A request that waits for its directory.</summary>
    internal sealed record Pending(ExchangeId Exchange, TrainingStep Step, bool Background);

    /// <summary>A checkpoint whose directory was handed out.</summary>
    internal sealed record Begun(TrainingStep Step, bool Background, string Written, string Final, bool HandedOut);

    private readonly SortedDictionary<TrainingStep, ShardFacts> _durable = [];
    private TrainingStep? _newest;

    public Pending? Waiting { get; private set; }

    public Begun? Open { get; private set; }

    /// <summary>What is being made durable.</summary>
    public Begun? Sealing { get; private set; }

    /// <summary>Who waits for it; null with a checkpoint in the background.</summary>
    public ExchangeId? SealingAsker { get; private set; }

    public TrainingStep? NewestDurable { get; private set; }

    public IEnumerable<ShardFacts> Durable => _durable.Values;

    /// <summary>Asks for a directory; a refusal, or null when it now waits.</summary>
    public WorkerAnswer.Refusal? Ask(ExchangeId exchange, TrainingStep step, bool background)
    {
        if (_newest is { } newest && step <= newest)
            return new WorkerAnswer.Refusal(409, step == newest
                ? $"the checkpoint of step {step} was already begun by this rank in this generation; save the next one"
                : $"step {step} is not later than {newest}, the last checkpoint of this rank; save a later one");
        if (Open is { } open)
            return new WorkerAnswer.Refusal(409, $"the checkpoint of step {open.Step} is still being written; finish or delete it first");
        Waiting = new Pending(exchange, step, background);
        return null;
    }

    /// <summary>Whether the waiting request may have its directory now.</summary>
    public bool MayBegin(TrainingStep? committed, int uncommittedMax) =>
        Waiting is not null && Open is null && Sealing is null
        && _durable.Keys.Count(step => committed is not { } newest || step > newest) < uncommittedMax;

    public Pending Begin(string written, string final)
    {
        var pending = Waiting!;
        Waiting = null;
        _newest = pending.Step;
        Open = new Begun(pending.Step, pending.Background, written, final, HandedOut: false);
        return pending;
    }

    public void HandOut() => Open = Open! with { HandedOut = true };

    public bool IsOpen(TrainingStep step) => Open is { HandedOut: true } open && open.Step == step;

    public Begun Finish(ExchangeId? asker)
    {
        var open = Open!;
        (Sealing, SealingAsker, Open) = (open, asker, null);
        return open;
    }

    public Begun? Abandon(TrainingStep step)
    {
        if (Open is not { } open || open.Step != step)
            return null;
        Open = null;
        return open;
    }

    /// <summary>Ends the sealing; who waited for it.</summary>
    public ExchangeId? Sealed(Rank rank, TrainingStep step, ImmutableArray<ShardFile>? files)
    {
        Invariant.Require(Sealing is { } sealing && sealing.Step == step);
        var asker = SealingAsker;
        (Sealing, SealingAsker) = (null, null);
        if (files is { } whole)
        {
            _durable[step] = new ShardFacts(step, rank, whole);
            NewestDurable = step;
            while (_durable.Count > limits.ShardsMax)
                _durable.Remove(_durable.Keys.First());
        }

        return asker;
    }

    public bool Forget(TrainingStep committed)
    {
        var known = _durable.Keys.Where(step => step <= committed).ToList();
        foreach (var step in known)
            _durable.Remove(step);
        return known.Count > 0;
    }

    public void AskerGone(ExchangeId exchange)
    {
        if (Waiting is { } pending && pending.Exchange == exchange)
            Waiting = null;
        if (SealingAsker == exchange)
            SealingAsker = null;
    }
}
