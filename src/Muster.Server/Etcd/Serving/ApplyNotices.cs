using Muster.Stores.Embedded;

namespace Muster.Server.Etcd;

/// <summary>Says that something was applied, to those on the store's loop who asked.</summary>
internal sealed class ApplyNotices
{
    private readonly List<(Func<bool> IsDone, TaskCompletionSource Told)> _waiting = [];
    private Action? _applied;

    public ApplyNotices(EmbeddedStore store) => store.Applies = Tell;

    /// <summary>Called after each command applied, before anything else is.</summary>
    public void Add(Action applied) => _applied += applied;

    /// <summary>Completes when something holds, which is looked at now and after each command applied.</summary>
    public Task UntilAsync(Func<bool> isDone)
    {
        if (isDone())
            return Task.CompletedTask;
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add((isDone, told));
        return told.Task;
    }

    private void Tell()
    {
        _applied?.Invoke();
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            if (!_waiting[i].IsDone())
                continue;
            _waiting[i].Told.SetResult();
            _waiting.RemoveAt(i);
        }
    }
}
