using Muster.Worker.Alone;
using Muster.Worker.Checkpoints;
using Muster.Worker.Keeper;
using Muster.Worker.Reports;
using Muster.Worker.Steps;

namespace Muster.Worker;

/// <summary>This process's part in a training run: who it is, where it starts from, and when it saves and stops.</summary>
/// <remarks>
/// One loop per process; members are called from the thread that runs it. <see cref="Report(double)"/> may be called from any thread.
/// Disposing sends the last reports (for at most a second) and hangs up; a program that just exits does the same.
/// </remarks>
public sealed class TrainingRun : IDisposable
{
    private readonly RunFacts _facts;
    private readonly TrainingRunOptions _options;
    private readonly ICheckpointHome _home;
    private readonly KeeperClient? _keeper;
    private readonly KeeperStreams? _streams;
    private readonly CheckpointSaver _saver;
    private readonly TrainingLoop _loop;
    private readonly ReportRing _ring = new(WorkerLimits.MetricsMax);
    private bool _restored;
    private bool _begun;
    private bool _disposed;

    private TrainingRun(RunFacts facts, TrainingRunOptions options, ICheckpointHome home, string? socket)
    {
        (_facts, _options, _home, _keeper) = (facts, options, home, home as KeeperClient);
        _loop = new TrainingLoop(new StepGate(facts.Every, facts.Restore?.Step ?? 0));
        _saver = new CheckpointSaver(home, TellSaveFailed);
        if (socket is null)
            return;
        _streams = new KeeperStreams(socket, _loop, _ring);
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
    }

    /// <summary>Joins the run this process was started for, or, without <c>MUSTER_SOCKET</c> in the environment, runs alone.</summary>
    /// <param name="options">How to take part; null: the defaults.</param>
    /// <exception cref="KeeperUnreachableException">Nobody answers on the socket, or not in a version this client speaks.</exception>
    /// <exception cref="KeeperRefusedException">The keeper turns this process away and says why.</exception>
    /// <exception cref="InvalidOperationException">Another launcher started several ranks: alone there is only one.</exception>
    public static TrainingRun Join(TrainingRunOptions? options = null)
    {
        options ??= new TrainingRunOptions();
        var socket = Environment.GetEnvironmentVariable("MUSTER_SOCKET");
        return string.IsNullOrEmpty(socket) ? JoinAlone(options) : JoinKeeper(options, socket);
    }

    /// <summary>The job's name; <c>alone</c> without Muster.</summary>
    public string Job => _facts.Job;

    /// <summary>This process among all, 0 ≤ rank &lt; <see cref="WorldSize"/>.</summary>
    public int Rank => _facts.Rank;

    /// <summary>Ranks in this generation, at least 1.</summary>
    public int WorldSize => _facts.WorldSize;

    /// <summary>This process among those on its host, from 0: the index of its GPU among those granted.</summary>
    public int LocalRank => _facts.LocalRank;

    /// <summary>Ranks on this host, at least 1.</summary>
    public int LocalWorldSize => _facts.LocalWorldSize;

    /// <summary>This host among the generation's hosts, from 0.</summary>
    public int NodeRank => _facts.NodeRank;

    /// <summary>The formed world this process belongs to, from 1; 0 without Muster.</summary>
    public long Generation => _facts.Generation;

    /// <summary>Which try this is, from 0; grows with each failure charged to the restart budget.</summary>
    public int Attempt => _facts.Attempt;

    /// <summary>Whether there is no Muster: rank 0 of 1, checkpoints in a directory of our own.</summary>
    public bool IsAlone => _streams is null;

    /// <summary>Whether the loop was ended before its last step on request. The same on all ranks, because all end after the same step.</summary>
    public bool IsStopping => _loop.EndedEarly;

    /// <summary>This rank's files of the checkpoint to resume from; null for a fresh start.</summary>
    /// <exception cref="WorldChangedException">Another number of ranks saved it, and the shards were not declared replicated.</exception>
    public RestoredCheckpoint? Restore()
    {
        if (_facts.Restore is not { } restore)
            return null;
        if (restore.WorldSize == WorldSize && restore.Directory is { } own)
        {
            _restored = true;
            return new RestoredCheckpoint(restore.Step, own);
        }

        if (!_options.ReplicatedShards)
            throw new WorldChangedException(restore.Step, restore.WorldSize, WorldSize);
        return new RestoredCheckpoint(restore.Step, Shards()[0].Directory);
    }

    /// <summary>Every rank's files of the checkpoint to resume from, by rank; empty for a fresh start.</summary>
    /// <remarks>A program that reads these restores with any world size and needs no <see cref="Restore"/>.</remarks>
    public IReadOnlyList<ShardDirectory> Shards()
    {
        if (_facts.Restore is null)
            return [];
        var shards = _home.Shards();
        _restored = true;
        return shards;
    }

    /// <summary>The steps still to do: from the restored one (or 0) to <paramref name="total"/> − 1; ends early, cleanly, when asked to.</summary>
    /// <param name="total">Steps of the whole training, at least 0, the same on all ranks.</param>
    /// <exception cref="ArgumentOutOfRangeException">The total is negative.</exception>
    /// <exception cref="InvalidOperationException">There is a checkpoint to resume from and the program did not look at it.</exception>
    public IEnumerable<long> Steps(long total)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        if (_facts.Restore is { } restore && !_restored)
        {
            throw new InvalidOperationException(
                $"A checkpoint of step {restore.Step} exists and the program did not load it: call Restore() or Shards() on every rank before Steps(), "
                + "also where a rank gets its state from another one.");
        }

        return _loop.Run(total, TellBegun, TellMissed);
    }

    /// <summary>Reports the loss of the present step. Local and cheap: nothing is waited for.</summary>
    public void Report(double loss) => Report(("loss", loss));

    /// <summary>Reports metrics of the present step. Local and cheap: nothing is waited for.</summary>
    /// <param name="metrics">Names and values; a value may be NaN or infinite.</param>
    /// <remarks>Reports are sent in batches. When more wait than fit, the oldest are dropped; while the keeper is away they may be lost.</remarks>
    public void Report(params ReadOnlySpan<(string Name, double Value)> metrics)
    {
        if (!IsAlone)
            _ring.Add(_loop.ReportStep, metrics);
    }

    /// <summary>Saves when a checkpoint of the step just done is due. Call it in the loop's body, after training, on every rank, every step.</summary>
    /// <param name="save">Writes this rank's files; called only when one is due. What it throws is thrown on, and the files are deleted;
    /// a full disk is reported and survived.</param>
    /// <param name="background">Return as soon as the files are written (to memory); the keeper makes them durable meanwhile.</param>
    /// <exception cref="InvalidOperationException">Called outside the loop's body, or twice in one step.</exception>
    /// <exception cref="KeeperRefusedException">The keeper does not take this checkpoint, and says why.</exception>
    /// <remarks>
    /// Waits while this rank has promised a checkpoint on demand that is not confirmed yet, while its previous one is not durable,
    /// and while too many are written and not committed.
    /// </remarks>
    public void Checkpoint(Action<CheckpointWriter> save, bool background = false)
    {
        ArgumentNullException.ThrowIfNull(save);
        if (_loop.OfferSave() is { } step)
            _saver.Save(step, save, background);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandled;
        _streams?.Dispose();
    }

    private static TrainingRun JoinAlone(TrainingRunOptions options)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("WORLD_SIZE"), out var world) && world > 1)
        {
            throw new InvalidOperationException(
                $"WORLD_SIZE is {world} and MUSTER_SOCKET is unset: alone there is one rank, and {world} would write over each other's checkpoints. "
                + "Start the program with `muster run`, or unset WORLD_SIZE.");
        }

        var home = new AloneCheckpoints(options.AloneDirectory, options.AloneKeep);
        var restore = home.Newest is var (step, directory) ? new RestoreFacts(step, 1, directory) : null;
        return new TrainingRun(new RunFacts("alone", 0, 1, 0, 1, 0, 0, 0, options.AloneEvery, restore), options, home, socket: null);
    }

    private static TrainingRun JoinKeeper(TrainingRunOptions options, string socket)
    {
        var keeper = new KeeperClient(socket);
        return new TrainingRun(keeper.Join(options.JoinTimeout), options, keeper, socket);
    }

    private void TellBegun()
    {
        _begun = true;
        _streams?.Reports.Began(_facts.Restore?.Step);
    }

    private void TellMissed(long step) => TellSaveFailed(step, "the program did not call Checkpoint after this step");

    private void TellSaveFailed(long step, string error) => _streams?.Reports.Urgent(lines => lines.SaveFailed(step, error));

    private void OnProcessExit(object? sender, EventArgs e) => Dispose();

    private void OnUnhandled(object sender, UnhandledExceptionEventArgs e)
    {
        if (_restored && !_begun && _facts.Restore is { } restore && e.ExceptionObject is Exception failure)
            RestoreFailure.Tell(_keeper!, restore.Step, failure);
    }
}
