using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Keepers;

/// <summary>Idle interpreters, one for each rank slot of the host, that imported the job's modules ahead of time.</summary>
internal sealed class SparePool(KeeperLimits limits)
{
    private sealed class Spare(RankLaunch launch)
    {
        public RankLaunch Launch { get; } = launch;

        public HostProcess? Process { get; set; }

        public long? MemoryBytes { get; set; }
    }

    private readonly SortedDictionary<int, Spare> _slots = [];
    private Instant? _refillAt;
    private int _losses;

    /// <summary>Those that have imported everything.</summary>
    public int Ready => _slots.Values.Count(spare => spare.MemoryBytes is not null);

    public long MemoryBytes => _slots.Values.Sum(spare => spare.MemoryBytes ?? 0);

    public bool Owns(HostProcess process) => _slots.Values.Any(spare => spare.Process == process);

    public bool OwnsGroup(int group) => _slots.Values.Any(spare => spare.Process is { } process && process.Pid == group);

    /// <summary>Takes the slot's spare out of the pool if it was started exactly as needed; ends one that was not.</summary>
    public HostProcess? Take(int slot, WarmRecipe recipe, List<KeeperEffect> effects)
    {
        if (!_slots.Remove(slot, out var spare) || spare.Process is not { } process)
            return null;
        if (WarmRecipe.Same(spare.Launch, recipe.Spare))
            return process;
        effects.Add(new KeeperEffect.SignalGroup(process, Signals.Kill));
        return null;
    }

    public void RefillLater(Instant now, bool warm, List<KeeperEffect> effects)
    {
        var delay = warm ? limits.SparesAfterWarm : limits.SparesAfter;
        _refillAt = now + delay;
        effects.Add(new KeeperEffect.WakeAfter(delay));
    }

    /// <summary>Starts what is missing, when it is time.</summary>
    public void Refill(Instant now, IEnumerable<(int Slot, WarmRecipe Recipe)> wanted, List<KeeperEffect> effects)
    {
        if (_refillAt is not { } due || now < due || _losses >= limits.SpareLossesMax)
            return;
        _refillAt = null;
        foreach (var (slot, recipe) in wanted)
        {
            if (_slots.TryGetValue(slot, out var old))
            {
                if (old.Process is null || WarmRecipe.Same(old.Launch, recipe.Spare))
                    continue;
                effects.Add(new KeeperEffect.SignalGroup(old.Process.Value, Signals.Kill));
            }

            _slots[slot] = new Spare(recipe.Spare);
            effects.Add(new KeeperEffect.StartSpare(slot, recipe.Spare));
        }
    }

    public void Started(int slot, HostProcess process)
    {
        if (_slots.TryGetValue(slot, out var spare))
            spare.Process = process;
    }

    public void Measured(HostProcess process, long memoryBytes)
    {
        foreach (var spare in _slots.Values)
            if (spare.Process == process)
                spare.MemoryBytes = memoryBytes;
    }

    public void NotStarted(int slot)
    {
        _slots.Remove(slot);
        _losses++;
    }

    /// <summary>A spare ended unused; a module that cannot be imported must not be tried forever.</summary>
    public bool Exited(HostProcess process, Instant now, List<KeeperEffect> effects)
    {
        foreach (var (slot, spare) in _slots)
        {
            if (spare.Process != process)
                continue;
            _slots.Remove(slot);
            _losses++;
            RefillLater(now, warm: false, effects);
            return true;
        }

        return false;
    }

    public void EndAll(List<KeeperEffect> effects)
    {
        foreach (var spare in _slots.Values)
            if (spare.Process is { } process)
                effects.Add(new KeeperEffect.SignalGroup(process, Signals.Kill));
        _slots.Clear();
        _refillAt = null;
    }
}

/// <summary>Signals by their Linux numbers.</summary>
internal static class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;
}
