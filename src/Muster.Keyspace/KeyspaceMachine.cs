using System.Collections.Immutable;
using Muster.Keyspace.Alarms;
using Muster.Keyspace.Auth;
using Muster.Keyspace.Leases;
using Muster.Keyspace.Ranges;
using Muster.Keyspace.Requests;
using Muster.Keyspace.Storage;
using Muster.Keyspace.Transactions;
using Muster.Keyspace.Watches;
using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>etcd's data model: keys with revisions, guarded transactions, leases, history and its events.</summary>
/// <remarks>
/// Pure: no clock, tasks, logs or I/O. Equal commands in equal order give equal states and results. A refused command changes
/// nothing. Not thread-safe: one loop owns it; results and images are immutable and may leave that loop.
/// </remarks>
public sealed class KeyspaceMachine
{
    private readonly KeyspaceLimits _limits;
    private readonly VersionedKeys _keys;
    private readonly LeaseTable _leases = new();
    private readonly RequestTable _requests;
    private AlarmTable _alarms = new([]);

    /// <summary>An empty keyspace at revision 1.</summary>
    public KeyspaceMachine(KeyspaceLimits limits)
        : this(limits, new VersionedKeys())
    {
    }

    private KeyspaceMachine(KeyspaceLimits limits, VersionedKeys keys)
    {
        _limits = limits;
        _keys = keys;
        _requests = new(limits);
    }

    /// <summary>The newest revision.</summary>
    public Revision Revision => _keys.Revision;

    /// <summary>The oldest readable revision; -1 when nothing was compacted yet.</summary>
    public Revision Compacted => _keys.Compacted;

    /// <summary>Keys that exist now.</summary>
    public int KeyCount => _keys.Live;

    /// <summary>Bytes of all readable versions with their records: what a space quota is compared with.</summary>
    public long SpaceUsed => _keys.SpaceUsed;

    /// <summary>Users, roles and permissions.</summary>
    public AuthState Auth { get; private set; } = new(AuthImage.None);

    /// <summary>Standing alarms, by member and kind.</summary>
    public ImmutableArray<Alarm> Alarms => _alarms.Standing;

    /// <summary>The keyspace that an image was taken of.</summary>
    /// <exception cref="ArgumentException">It is no image of any keyspace; the message says what is wrong.</exception>
    public static KeyspaceMachine Restore(KeyspaceImage image, KeyspaceLimits limits)
    {
        if (image.Flaw() is { } flaw)
            throw new ArgumentException($"This is no image of a keyspace: {flaw}. Restore from another one.", nameof(image));
        var keys = VersionedKeys.Restore(image.Revision, image.Compacted, image.Base, image.Events);
        var machine = new KeyspaceMachine(limits, keys);
        foreach (var lease in image.Leases)
            machine._leases.Grant(lease.Lease, lease.Seconds);
        var cursor = keys.Seek(KeyRange.All);
        while (cursor.NextLive(out var key))
            machine._leases.Move(key.Key, LeaseId.None, key.Lease);
        foreach (var request in image.Requests)
            machine._requests.Add(request);
        machine.Auth = new(image.Auth);
        machine._alarms = new(image.Alarms);
        return machine;
    }

    /// <summary>Does a command, unless its request was done before.</summary>
    public CommandResult Apply(Command command)
    {
        if (command.Request is not { } request)
            return Perform(command);
        if (_requests.Find(request) is { } before)
            return before;
        var result = Perform(command);
        if (result is not CommandResult.Refused)
            _requests.Remember(request, result);
        return result;
    }

    /// <summary>Reads a range, now or at a revision still kept.</summary>
    public ReadOutcome Read(Operation.Range range)
    {
        if (TransactionRules.Check(range) is { } broken)
            return new ReadOutcome.Refused(broken);
        if (range.At > Revision)
            return new ReadOutcome.Refused(StoreRefusal.FutureRevision);
        if (range.At.Number > 0 && range.At < Compacted)
            return new ReadOutcome.Refused(StoreRefusal.Compacted);
        return new ReadOutcome.Found(RangeReader.Read(range, _keys));
    }

    /// <summary>Does a transaction that only reads, which needs no place in the log.</summary>
    /// <exception cref="ArgumentException">It puts or deletes.</exception>
    public CommandResult Read(Transaction transaction)
    {
        if (!TransactionRules.IsReadOnly(transaction))
            throw new ArgumentException("The transaction writes: it must be applied as a command.", nameof(transaction));
        return TransactionRules.Check(transaction, _limits) is { } broken ? new CommandResult.Refused(broken) : Transact(transaction);
    }

    /// <summary>A client's last applied request with its result; null when none is remembered.</summary>
    public RememberedRequest? LastRequest(ulong client) => _requests.Last(client);

    /// <summary>
    /// Whether a command fits into a quota. Whoever proposes asks, and raises <see cref="AlarmKind.NoSpace"/> when not; applying does
    /// not ask, so that a quota can be changed without changing what a log means.
    /// </summary>
    /// <param name="command">What is to be proposed; one that adds nothing always fits.</param>
    /// <param name="quotaBytes">Bytes that <see cref="SpaceUsed"/> is to stay below.</param>
    public bool HasRoom(Command command, long quotaBytes) =>
        CommandCost.Of(command) is var cost && (cost == 0 || SpaceUsed + cost < quotaBytes);

    /// <summary>Why somebody may not do a transaction, or only read by it; null when they may.</summary>
    /// <param name="author">Who; null for the server itself.</param>
    /// <param name="transaction">What.</param>
    public StoreRefusal? Check(Author? author, Transaction transaction) =>
        author is null ? null : CommandAccess.Check(transaction, author, Auth, _leases);

    /// <summary>Why somebody may not read or write the keys of a lease; null when they may, or when there is no such lease.</summary>
    /// <param name="author">Who; null for the server itself.</param>
    /// <param name="lease">Which.</param>
    /// <param name="access">Read or write.</param>
    public StoreRefusal? CheckLease(Author? author, LeaseId lease, Access access) =>
        author is null ? null : CommandAccess.CheckLease(lease, author, Auth, _leases, access);

    /// <summary>A lease with its keys; null when it does not exist.</summary>
    public LeaseInfo? Lease(LeaseId lease) => _leases.Find(lease);

    /// <summary>Every lease, by id.</summary>
    public ImmutableArray<LeaseTerm> Leases() => _leases.All();

    /// <summary>What happened to a range from a revision on, whole revisions at a time.</summary>
    /// <param name="watch">Which keys and which kinds of events.</param>
    /// <param name="from">First revision of interest.</param>
    public EventsOutcome ReadEvents(WatchFilter watch, Revision from) => EventReader.Read(_keys, _limits, watch, from);

    /// <summary>Calls back with every key written at a revision or later, in order; a key may come more than once.</summary>
    internal void VisitKeysFrom(Revision from, Action<ByteString, Revision> visit)
    {
        for (var position = _keys.Events.Find(from); position < _keys.Events.End; position++)
        {
            var version = _keys.Events[position].Version;
            visit(version.Key, version.Modified);
        }
    }

    /// <summary>The whole state; it copies references only, 8 bytes for each version kept.</summary>
    public KeyspaceImage Image() => new(
        Revision, Compacted, _keys.Base(), _keys.Events.All(), _leases.All(), _requests.All())
    {
        Auth = Auth.Image(),
        Alarms = Alarms,
    };

    /// <summary>
    /// What exists now as the beginning of another store, at a later revision: for restoring a backup, so that no create revision, and
    /// with it no fencing token, is ever granted twice. History, remembered requests and alarms stay behind; leases, users and roles come along.
    /// </summary>
    /// <param name="to">Past every revision that the store may have reached since.</param>
    /// <exception cref="ArgumentException">It is not after the newest revision.</exception>
    public KeyspaceImage ImageMovedTo(Revision to)
    {
        if (to <= Revision)
            throw new ArgumentException($"Revision {to} is not after {Revision}: choose one past all that were granted.", nameof(to));
        var live = new List<KeyValue>(KeyCount);
        var cursor = _keys.Seek(KeyRange.All);
        while (cursor.NextLive(out var key))
            live.Add(key);
        return new(to, to, live, [], _leases.All(), []) { Auth = Auth.Image() };
    }

    /// <summary>A digest of the whole state, equal on members in equal states; it reads every byte kept.</summary>
    public ulong StateHash() => Image().StateHash();

    private CommandResult Perform(Command command)
    {
        if (command is Command.Transact(var asked) && TransactionRules.Check(asked, _limits) is { } broken)
            return new CommandResult.Refused(broken);
        if ((_alarms.Forbids(command) ?? CommandAccess.Check(command, Auth, _leases)) is { } forbidden)
            return new CommandResult.Refused(forbidden);
        return command switch
        {
            Command.Transact(var transaction) => Transact(transaction),
            Command.GrantLease(var lease, var seconds) => Grant(lease, seconds),
            Command.RevokeLease(var lease) => Revoke(lease),
            Command.Compact(var at) => Compact(at),
            Command.ChangeAuth(var change) => ChangeAuth(change),
            Command.SetAlarm(var alarm, var raised) => SetAlarm(alarm, raised),
            _ => throw new InvariantBrokenException("every kind of command is handled"),
        };
    }

    private CommandResult Transact(Transaction transaction)
    {
        var execution = new Execution(_keys, _leases, transaction);
        if (execution.Check(transaction) is { } refusal)
            return new CommandResult.Refused(refusal);
        return new CommandResult.Transacted(execution.Run(transaction));
    }

    private CommandResult Grant(LeaseId lease, long seconds)
    {
        if (lease == LeaseId.None)
            return new CommandResult.Refused(StoreRefusal.LeaseNotFound);
        if (seconds > _limits.LeaseSecondsMax)
            return new CommandResult.Refused(StoreRefusal.LeaseTooLong);
        if (_leases.Contains(lease))
            return new CommandResult.Refused(StoreRefusal.LeaseExists);
        var term = Math.Max(seconds, _limits.LeaseSecondsMin);
        _leases.Grant(lease, term);
        return new CommandResult.Granted(lease, term, Revision);
    }

    private CommandResult Revoke(LeaseId lease)
    {
        if (_leases.Find(lease) is not { } found)
            return new CommandResult.Refused(StoreRefusal.LeaseNotFound);
        var at = Revision.Next();
        foreach (var key in found.Keys)
            Deletion.Delete(_keys.Find(key)!, _keys, _leases, at);
        _leases.Remove(lease);
        return new CommandResult.Revoked(found.Keys.Length, Revision);
    }

    private CommandResult Compact(Revision at)
    {
        if (at <= Compacted)
            return new CommandResult.Refused(StoreRefusal.Compacted);
        if (at > Revision)
            return new CommandResult.Refused(StoreRefusal.FutureRevision);
        _keys.Compact(at);
        return new CommandResult.Compacted(Revision);
    }

    private CommandResult ChangeAuth(AuthChange change) =>
        Auth.Apply(change) is { } refusal ? new CommandResult.Refused(refusal) : new CommandResult.AuthChanged(Auth.Revision, Revision);

    private CommandResult SetAlarm(Alarm alarm, bool raised) =>
        _alarms.Set(alarm, raised) is (null, var changed) ? new CommandResult.AlarmSet(changed, Revision)
            : new CommandResult.Refused(StoreRefusal.TooManyRequests);
}
