using System.Runtime.ExceptionServices;
using Muster.Primitives;

namespace Muster.Runtime;

/// <summary>Limits of a production loop.</summary>
public sealed record LoopLimits
{
    /// <summary>The defaults.</summary>
    public static LoopLimits Default { get; } = new();

    /// <summary>Continuations that may wait at once; default 1,048,576. One more ends the loop with
    /// <see cref="LoopOverflowException"/>: it does not keep up and would eat the memory.</summary>
    public int PostsMax { get; init; } = 1 << 20;
}

/// <summary>One thread that runs one loop: everything awaited on it continues on it, in the order it was posted.</summary>
/// <remarks>
/// The simulation runs the same loops on contexts of its own, in virtual time. The loop ends when its main task ends or when
/// anything posted throws; what is posted afterwards is dropped, as a crash would drop it.
/// </remarks>
public sealed class LoopContext : SynchronizationContext
{
    private readonly object _gate = new();   // an object, not a Lock: the idle loop waits on it
    private readonly LoopLimits _limits;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<(SendOrPostCallback Callback, object? State)> _posted = [];
    private List<(SendOrPostCallback Callback, object? State)> _running = [];
    private bool _ended;
    private int _thread;

    private LoopContext(string name, LoopLimits limits) => (Name, _limits) = (name, limits);

    /// <summary>The loop's name, which is its thread's too.</summary>
    public string Name { get; }

    /// <summary>Completes when the main task does; fails with whatever it, or anything posted, threw.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Whether the caller runs on this loop.</summary>
    public bool IsCurrent => Environment.CurrentManagedThreadId == _thread;

    /// <summary>Starts a loop on a thread of its own.</summary>
    /// <param name="name">Names the loop in failures and debuggers.</param>
    /// <param name="main">The loop's body; runs on the loop.</param>
    /// <param name="failed">Receives the loop's name and what ended it, on the loop's thread: the process's top, which ends
    /// the process. A loop that fails is never restarted inside its process.</param>
    /// <param name="limits">Its limits; the defaults when null.</param>
    public static LoopContext Start(string name, Func<Task> main, Action<string, Exception> failed, LoopLimits? limits = null)
    {
        var loop = new LoopContext(name, limits ?? LoopLimits.Default);
        // Background: a process ends when its top says so, not when its last loop does.
        var thread = new Thread(() => loop.RunHere(main, failed)) { Name = name, IsBackground = true };
        thread.Start();
        return loop;
    }

    /// <summary>Runs a loop on the caller's thread until its main task ends.</summary>
    /// <exception cref="Exception">Whatever the main task, or anything posted, threw; as it was thrown.</exception>
    public static void Run(string name, Func<Task> main, LoopLimits? limits = null)
    {
        Exception? failure = null;
        new LoopContext(name, limits ?? LoopLimits.Default).RunHere(main, (_, thrown) => failure = thrown);
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Requires that the caller runs on a given loop, production or simulated.</summary>
    /// <exception cref="InvariantBrokenException">It runs elsewhere.</exception>
    public static void RequireOn(SynchronizationContext? loop) => Invariant.Require(loop is not null && loop == Current);

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            _posted.Add((d, state));
            if (_posted.Count == 1)
                Monitor.Pulse(_gate);
        }
    }

    /// <summary>Refused: waiting for a loop from another thread is how deadlocks are made.</summary>
    /// <exception cref="NotSupportedException">Called from another thread; on the loop itself the call runs at once.</exception>
    public override void Send(SendOrPostCallback d, object? state)
    {
        ArgumentNullException.ThrowIfNull(d);
        if (!IsCurrent)
            throw new NotSupportedException($"Send to loop '{Name}' from another thread. Post instead.");
        d(state);
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    private void RunHere(Func<Task> main, Action<string, Exception> failed)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        _thread = Environment.CurrentManagedThreadId;
        try
        {
            var task = main();
            task.GetAwaiter().OnCompleted(() => { });   // a last post, so that the turn after completion comes
            while (!task.IsCompleted)
                RunTurn();
            task.GetAwaiter().GetResult();
            End(null);
        }
#pragma warning disable CA1031 // The loop's top: whatever ended it goes to the process's top, which ends the process.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            End(failure);
            failed(Name, failure);
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    private void RunTurn()
    {
        lock (_gate)
        {
            while (_posted.Count == 0)
                Monitor.Wait(_gate);
            (_posted, _running) = (_running, _posted);
        }

        if (_running.Count > _limits.PostsMax)
            throw new LoopOverflowException(Name, _running.Count, _limits.PostsMax);
        foreach (var (callback, state) in _running)
            callback(state);
        _running.Clear();
    }

    private void End(Exception? failure)
    {
        lock (_gate)
        {
            _ended = true;
            _posted.Clear();
        }

        if (failure is null)
            _completion.TrySetResult();
        else
            _completion.TrySetException(failure);
    }
}

/// <summary>A loop was given more than it could run.</summary>
public sealed class LoopOverflowException(string loop, int waiting, int postsMax)
    : Exception($"loop '{loop}' has {waiting} continuations waiting, more than LoopLimits.PostsMax {postsMax}: " +
        "it is blocked or far too slow; look at what its thread is doing")
{
    /// <summary>The loop.</summary>
    public string Loop { get; } = loop;
}
