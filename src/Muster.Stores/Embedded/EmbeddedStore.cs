using System.Collections.Immutable;
using Muster.Codecs.Keyspace;
using Muster.Codecs.Log;
using Muster.Disk;
using Muster.Disk.Log;
using Muster.Keyspace;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Stores.Embedded;

/// <summary>A store inside the process: the keyspace over a write-ahead log and snapshots, one sync for all that wait.</summary>
/// <remarks>
/// Runs on one loop. A command is in the log, durably, before it is applied, and applied before it is answered: no answer tells
/// what a crash could take back, and recovery is reading the log. A failure of the disk comes out of the call and of
/// <see cref="RunAsync"/>; the process then ends and starts again.
/// </remarks>
public sealed class EmbeddedStore : IVersionedStore, IStoreEngine
{
    internal const string StateDirectory = "state";

    private readonly EmbeddedStoreOptions _options;
    private readonly KeyspaceMachine _machine;
    private readonly DurableState _disk;
    private readonly MonotonicClock _clock;
    private readonly SeededRandom _chance;
    private readonly LeaseDeadlines _deadlines = new(LeaseDeadlineLimits.Default);
    private readonly StoreWatches _watches;
    private readonly Inbox<Instant> _ticks = new("store");
    private RecordNumber _applied;
    private RecordNumber _snapshotAt;
    private long _bytesSinceSnapshot;
    private int _waiting;

    private EmbeddedStore(
        ClusterId cluster, DurableState disk, KeyspaceMachine machine, EmbeddedStoreOptions options, MonotonicClock clock, SeededRandom chance)
    {
        (Cluster, _disk, _machine, _options, _clock, _chance) = (cluster, disk, machine, options, clock, chance);
        (_applied, _snapshotAt) = (disk.Log.Last, disk.Covered);
        _watches = new StoreWatches(_machine, options.Keyspace);
        _deadlines.Recovered(_machine.Leases(), clock.Now);
    }

    /// <inheritdoc/>
    public ClusterId Cluster { get; }

    /// <summary>This server among the cluster's members: the only one.</summary>
    public ulong Member => Cluster.Number ^ 0x6D656D626572;     // "member"

    /// <summary>The newest revision.</summary>
    public Revision Revision => _machine.Revision;

    /// <summary>The state, to be read on the store's loop. All of it is durable.</summary>
    public KeyspaceMachine State => _machine;

    /// <summary>The newest record of the log that is applied.</summary>
    public RecordNumber Applied => _applied;

    /// <summary>Bytes that clients may fill.</summary>
    public long QuotaBytes => _options.QuotaBytes;

    /// <summary>What a command may hold.</summary>
    public KeyspaceLimits Limits => _options.Keyspace;

    /// <summary>Called on the store's loop after each command that was applied, before anything else is.</summary>
    public Action? Applies { get; set; }

    /// <summary>What the log found when it was opened.</summary>
    public LogRecovery Recovery => _disk.Log.Recovery;

    /// <summary>What the log did since it was opened.</summary>
    public LogCounters Counters => _disk.Log.Counters;

    /// <summary>Snapshots that were damaged and passed over when opening; an operator should hear of them.</summary>
    public IReadOnlyList<string> DamagedSnapshots => [.. _disk.DamagedSnapshots.Select(damage => damage.Message)];

    /// <summary>Opens the store of a volume, or begins one where there is none.</summary>
    /// <param name="volume">The disk, of the store alone; the caller holds its lock.</param>
    /// <param name="options">Limits and habits.</param>
    /// <param name="clock">This process's clock, for leases.</param>
    /// <param name="chance">For ids and salts; in production it must be seeded by the system's chance.</param>
    /// <exception cref="LogDamagedException">What was durable is missing or changed; the message names file and offset.</exception>
    /// <exception cref="VolumeException">The disk refuses.</exception>
    public static async Task<EmbeddedStore> OpenAsync(
        IVolume volume, EmbeddedStoreOptions options, MonotonicClock clock, SeededRandom chance)
    {
        var cluster = await ClusterFile.ReadOrCreateAsync(volume, chance);
        var recovery = new StoreRecovery(options.Keyspace);
        var disk = await DurableState.OpenAsync(volume, StateDirectory, options.Log, chance.Split(), recovery.LoadAsync, recovery.Replay);
        return new EmbeddedStore(cluster, disk, recovery.Machine, options, clock, chance);
    }

    /// <summary>Reads a store's state beside whoever owns it; nothing is locked or changed.</summary>
    /// <param name="volume">The disk, of the store alone.</param>
    /// <param name="options">Limits and habits.</param>
    /// <exception cref="LogDamagedException">What was durable is missing or changed; the message names file and offset.</exception>
    public static async Task<KeyspaceMachine> ReadAsync(IVolume volume, EmbeddedStoreOptions options)
    {
        var recovery = new StoreRecovery(options.Keyspace);
        await DurableState.ReadAsync(volume, StateDirectory, options.Log, recovery.LoadAsync, recovery.Replay);
        return recovery.Machine;
    }

    /// <summary>Ends leases when their time is over, compacts history and writes snapshots, until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var ticker = Ticker.Start(_clock, _options.LeaseTick, _ticks, now => now);
        while (await _ticks.WaitToReadAsync(stopping))
        {
            while (_ticks.TryRead(out _))
            {
                // At once, so that they share a sync: many leases may end together.
                await Task.WhenAll(_deadlines.Expired(_clock.Now).Select(lease => ProposeAsync(new Command.RevokeLease(lease))));
                if (_machine.Revision.Number - Math.Max(0, _machine.Compacted.Number) > 2 * _options.HistoryRevisions)
                    await ProposeAsync(new Command.Compact(new Revision(_machine.Revision.Number - _options.HistoryRevisions)));
                if (IsSnapshotDue)
                    await WriteSnapshotAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async Task<TransactionResult> TransactAsync(Transaction transaction, RequestId? request, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var result = await ProposeAsync(new Command.Transact(transaction) { Request = request });
        return result switch
        {
            CommandResult.Transacted(var transacted) => transacted,
            CommandResult.Refused(var refusal) => throw new StoreRefusedException(refusal),
            _ => throw new StoreUnavailableException("the request was sent before, and its result is no longer kept"),
        };
    }

    /// <inheritdoc/>
    public Task<OperationResult.Range> RangeAsync(Operation.Range range, CancellationToken cancel)
    {
        // What is applied is durable, and what was acknowledged is applied: reading here and now is linearizable.
        cancel.ThrowIfCancellationRequested();
        return _machine.Read(range) switch
        {
            ReadOutcome.Found(var found) => Task.FromResult(found),
            ReadOutcome.Refused(var refusal) => Task.FromException<OperationResult.Range>(new StoreRefusedException(refusal)),
            _ => throw new InvariantBrokenException("a read finds or is refused"),
        };
    }

    /// <inheritdoc/>
    public async Task<GrantedLease> GrantLeaseAsync(TimeSpan term, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var id = new LeaseId((long)(_chance.NextUInt64() >> 1) | 1);
        return await ProposeAsync(new Command.GrantLease(id, (long)Math.Ceiling(term.TotalSeconds))) switch
        {
            CommandResult.Granted(var lease, var seconds, _) => new GrantedLease(lease, TimeSpan.FromSeconds(seconds)),
            CommandResult.Refused(var refusal) => throw new StoreRefusedException(refusal),
            _ => throw new InvariantBrokenException("a grant without request id is applied or refused"),
        };
    }

    /// <inheritdoc/>
    public Task<bool> KeepAliveAsync(LeaseId lease, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(_deadlines.KeepAlive(lease, _clock.Now) is KeepAliveOutcome.Kept);
    }

    /// <summary>Starts a lease's term again, and says why not.</summary>
    public KeepAliveOutcome Renew(LeaseId lease) => _deadlines.KeepAlive(lease, _clock.Now);

    /// <summary>Every lease, the one that ends first coming first.</summary>
    public ImmutableArray<LeaseId> LeasesByEnd() => _deadlines.InOrder();

    /// <summary>Whole seconds that remain of a lease; -1 when it is unknown or its time is over.</summary>
    public long RemainingSeconds(LeaseId lease) => _deadlines.RemainingSeconds(lease, _clock.Now);

    /// <inheritdoc/>
    public async Task RevokeLeaseAsync(LeaseId lease, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        await ProposeAsync(new Command.RevokeLease(lease));
    }

    /// <inheritdoc/>
    public IDisposable OnChange(KeyRange keys, Action changed) => _watches.OnChange(keys, changed);

    /// <inheritdoc/>
    public IDisposable Watch(KeyRange keys, Revision from, Action<ImmutableArray<StoreEvent>> deliver, Action<Revision> ended) =>
        _watches.Watch(keys, from, deliver, ended);

    /// <inheritdoc/>
    public async Task CompactAsync(Revision revision, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (await ProposeAsync(new Command.Compact(revision)) is CommandResult.Refused(var refusal))
            throw new StoreRefusedException(refusal);
    }

    /// <summary>Writes a snapshot and drops the log that it covers.</summary>
    public async Task WriteSnapshotAsync()
    {
        var (image, covered) = (_machine.Image(), _applied);
        (_snapshotAt, _bytesSinceSnapshot) = (covered, 0);
        await _disk.SaveSnapshotAsync(covered, async writer =>
        {
            foreach (var piece in SnapshotCodec.Encode(image))
                await writer.WriteAsync(piece);
        });
    }

    /// <summary>Closes files; what is not durable was never acknowledged.</summary>
    public void Dispose() => _disk.Dispose();

    /// <summary>A large store waits for a log half its size, so that what is written stays in proportion to what is asked for.</summary>
    private bool IsSnapshotDue =>
        (RecordsSinceSnapshot > _options.SnapshotEveryRecords || _bytesSinceSnapshot > _options.SnapshotEveryBytes)
        && _bytesSinceSnapshot >= _machine.SpaceUsed / 2;

    private long RecordsSinceSnapshot => (long)(_applied.Value - _snapshotAt.Value);

    /// <summary>Does a command: it is in the log, durably, before it is applied, and applied before this completes.</summary>
    /// <exception cref="StoreRefusedException">Too much waits; nothing was done.</exception>
    /// <exception cref="VolumeException">The disk refuses: the process must end.</exception>
    public async Task<CommandResult> ProposeAsync(Command command)
    {
        if (_waiting >= _options.WaitingMax)
            throw new StoreRefusedException(StoreRefusal.TooManyRequests);
        if (!await HasRoomAsync(command))
            return new CommandResult.Refused(StoreRefusal.SpaceExceeded);
        var record = CommandCodec.Encode(command);
        _waiting++;
        try
        {
            var number = await _disk.Log.AppendAsync(record);
            Invariant.Require(number == _applied.Next);
            _applied = number;
        }
        finally
        {
            _waiting--;
        }

        _bytesSinceSnapshot += record.Length;
        var result = _machine.Apply(command);
        Learn(command, result);
        _watches.Notice();
        Applies?.Invoke();
        return result;
    }

    /// <summary>A client stays below the quota; the server's own records may use a tenth more, so that a full store still works.</summary>
    private async ValueTask<bool> HasRoomAsync(Command command)
    {
        if (_machine.HasRoom(command, _options.QuotaBytes))
            return true;
        var alarm = new Alarm(Member, AlarmKind.NoSpace);
        if (!_machine.Alarms.Contains(alarm))
            await ProposeAsync(new Command.SetAlarm(alarm, Raised: true));
        return command.Author is null && _machine.HasRoom(command, _options.QuotaBytes + _options.QuotaBytes / 10);
    }

    private void Learn(Command command, CommandResult result)
    {
        if (result is CommandResult.Granted(var granted, var seconds, _))
            _deadlines.Granted(granted, seconds, _clock.Now);
        if (command is Command.RevokeLease(var revoked))
            _deadlines.Revoked(revoked);
    }
}
