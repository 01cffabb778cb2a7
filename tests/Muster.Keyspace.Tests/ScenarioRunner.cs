using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace.Tests;

/// <summary>Maps a scenario's commands to the keyspace, the watch hub and the table of deadlines.</summary>
internal sealed class ScenarioRunner
{
    private readonly SortedDictionary<string, (WatchId Id, bool Open)> _watches = new(StringComparer.Ordinal);
    private readonly LeaseDeadlines _deadlines = new(new() { ExpiredMax = 3 });
    private KeyspaceLimits _limits = KeyspaceLimits.Default;
    private KeyspaceMachine _machine = new(KeyspaceLimits.Default);
    private WatchHub _hub = new(KeyspaceLimits.Default);
    private long _quota = long.MaxValue;
    private Instant _now = Instant.FromSeconds(100);

    public IEnumerable<string> Do(string line)
    {
        var words = new ScenarioWords(line);
        switch (words.Next())
        {
            case "limits":
                Configure(words);
                return [];
            case "quota":
                _quota = words.Number();
                return [];
            case "get":
                return Get(words);
            case "txn":
                return Apply(new Command.Transact(words.Transaction()), words);
            case "put" or "delete":
                words.Back();
                return Apply(new Command.Transact(Transaction.Always(words.Operation())), words);
            case "grant":
                var grant = new Command.GrantLease(words.Lease(), words.Number());
                return Apply(grant, words);
            case "revoke":
                return Apply(new Command.RevokeLease(words.Lease()), words);
            case "compact":
                return Apply(new Command.Compact(new(words.Number())), words);
            case "lease":
                return [ScenarioFacts.Of(_machine.Lease(words.Lease()))];
            case "leases":
                return ["leases" + string.Concat(_machine.Leases().Select(lease => $" {lease.Lease}:{lease.Seconds}s"))];
            case "state":
                return [$"revision {_machine.Revision} compacted {_machine.Compacted} keys {_machine.KeyCount} space {_machine.SpaceUsed}"
                    + string.Concat(_machine.Alarms.Select(alarm => $" {alarm.Kind} by {alarm.Member}"))];
            case "restore":
                var hash = _machine.StateHash();
                _machine = KeyspaceMachine.Restore(_machine.Image(), _limits);
                return [hash == _machine.StateHash() ? "same state" : "another state"];
            case "watch":
                return Watch(words);
            case "deliver":
                return Deliver();
            case "progress":
                return [.. _watches.Where(pair => pair.Value.Open).Select(pair => $"{pair.Key} has seen everything up to {_hub.Progress(pair.Value.Id)}")];
            case "unwatch":
                var name = words.Next();
                _watches[name] = _watches[name] with { Open = false };
                return [_hub.Close(_watches[name].Id) ? $"{name} closed" : $"{name} was not open"];
            case "alarm" or "disarm":
                words.Back();
                var raised = words.Next() == "alarm";
                return Apply(new Command.SetAlarm(new((ulong)words.Number(), Enum.Parse<AlarmKind>(words.Next())), raised), words);
            case "auth" or "user" or "role":
                words.Back();
                return Apply(new Command.ChangeAuth(AuthWords.Change(words)), words);
            case "who":
                return AuthWords.State(_machine.Auth);
            default:
                words.Back();
                return DoWithTime(words);
        }
    }

    private IEnumerable<string> Get(ScenarioWords words)
    {
        var range = words.Range();
        var refusal = _machine.Auth.Check(AuthWords.Author(words, _machine), range.Keys, Access.Read);
        return refusal is { } why ? [$"refused: {StoreRefusals.Text(why)}"] : ScenarioFacts.Of(_machine.Read(range));
    }

    private IEnumerable<string> DoWithTime(ScenarioWords words)
    {
        switch (words.Next())
        {
            case "advance":
                _now += TimeSpan.FromSeconds(words.Number());
                return [];
            case "keepalive":
                var lease = words.Lease();
                return [_deadlines.KeepAlive(lease, _now).ToString()];
            case "remaining":
                return [$"{_deadlines.RemainingSeconds(words.Lease(), _now)} s"];
            case "office":
                _deadlines.Recovered(_machine.Leases(), _now);
                return [];
            case "expire":
                var expired = _deadlines.Expired(_now);
                return [expired.IsEmpty ? "nothing to revoke" : "to revoke: " + string.Join(" ", expired)];
            case var unknown:
                throw new InvalidOperationException($"Unknown scenario command '{unknown}'.");
        }
    }

    private void Configure(ScenarioWords words)
    {
        _limits = words.Next() switch
        {
            "clients" => _limits with { ClientsMax = (int)words.Number() },
            "operations" => _limits with { OperationsMax = (int)words.Number() },
            "request" => _limits with { RequestBytesMax = words.Number() },
            "batch" => _limits with { WatchBatchBytesMax = words.Number() },
            "result" => _limits with { RememberedResultBytesMax = words.Number() },
            "watches" => _limits with { WatchesMax = (int)words.Number() },
            var unknown => throw new InvalidOperationException($"Unknown limit '{unknown}'."),
        };
        _machine = KeyspaceMachine.Restore(_machine.Image(), _limits);
        _hub = new(_limits);
    }

    private IEnumerable<string> Apply(Command command, ScenarioWords words)
    {
        if (words.Has("as"))
            command = command with { Request = new RequestId((ulong)words.Number(), (ulong)words.Number()) };
        command = command with { Author = AuthWords.Author(words, _machine) };
        if (!_machine.HasRoom(command, _quota))
        {
            // What every proposer does.
            _machine.Apply(new Command.SetAlarm(new(1, AlarmKind.NoSpace), Raised: true));
            return [$"refused: {StoreRefusals.Text(StoreRefusal.SpaceExceeded)}"];
        }

        var result = _machine.Apply(command);
        if (result is CommandResult.Granted granted)
            _deadlines.Granted(granted.Lease, granted.Seconds, _now);
        if (result is CommandResult.Revoked && command is Command.RevokeLease revoke)
            _deadlines.Revoked(revoke.Lease);
        _hub.Notice(_machine);
        return ScenarioFacts.Of(result);
    }

    private IEnumerable<string> Watch(ScenarioWords words)
    {
        var name = words.Next();
        var filter = new WatchFilter(words.Keys());
        var from = words.Has("from") ? words.Number() : 0;
        filter = filter with { NoPuts = words.Has("noputs"), NoDeletes = words.Has("nodeletes"), ReturnPrevious = words.Has("prev") };
        var opened = _hub.Open(filter, new(from), _machine);
        if (opened is not WatchOpened.Open open)
            return [$"{name} refused: {opened.GetType().Name}"];
        _watches[name] = (open.Watch, true);
        return [$"{name} open at {open.At}"];
    }

    private List<string> Deliver()
    {
        var facts = new List<string>();
        while (_hub.TryTakeReady(out var id))
        {
            var name = _watches.Single(pair => pair.Value.Id == id).Key;
            switch (_hub.Read(id, _machine))
            {
                case WatchDelivery.Events(var changes, var at):
                    facts.Add($"{name} at {at}: {string.Join(", ", changes.Select(ScenarioFacts.Of))}");
                    break;
                case WatchDelivery.Compacted(var oldest):
                    _watches[name] = (id, false);
                    facts.Add($"{name} canceled: compacted at {oldest}");
                    break;
            }
        }

        return facts.Count > 0 ? facts : ["nothing"];
    }
}
