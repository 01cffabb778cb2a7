using System.Collections.Immutable;
using System.Diagnostics;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Agents;

/// <summary>Brings what runs on one host in line with what the leading coordinator wishes, through one keeper for each job.</summary>
/// <remarks>
/// Pure. A job and its generation are in the journal before its keeper is started; a started keeper is found again by its tag in
/// the process table. Facts about a generation are kept until the assignments no longer name its job.
/// </remarks>
public sealed class AgentCore
{
    private readonly AgentIdentity _agent;
    private readonly AgentLimits _limits;
    private readonly string _tag;
    private readonly SortedDictionary<JobId, HeldJob> _jobs = [];
    private readonly ServerLine _server;
    private readonly KeeperLine _keepers;
    private FencingToken? _leader;
    private Instant _now;
    private Instant _led;
    private Instant _told;
    private long _sequence;
    private bool _tell;
    private bool _persist;

    /// <summary>An agent that begins with what its journal says.</summary>
    public AgentCore(AgentIdentity agent, AgentJournal journal, AgentLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(journal);
        (_agent, _limits, _tag, _leader) = (agent, limits ?? AgentLimits.Default, journal.Agent, journal.Leader);
        _server = new ServerLine(agent, _limits);
        _keepers = new KeeperLine(_limits, _tag);
        foreach (var held in journal.Jobs)
            _jobs[held.Job] = new HeldJob(held.Job, held.Generation)
            {
                State = KeeperState.Clearing,
                KeeperLost = held.KeeperLost,
                Releasing = held.Releasing,
                Recovering = true,
            };
    }

    /// <summary>Applies one input and returns what the shell must now do, in order.</summary>
    public ImmutableArray<AgentEffect> Step(AgentInput input)
    {
        var effects = new List<AgentEffect>();
        Take(input, effects);
        foreach (var held in _jobs.Values.ToList())
            Reconcile(held, effects);
        if (_persist)
            effects.Insert(0, new AgentEffect.Persist(Journal()));   // before anything is started or told
        _persist = false;
        if (_tell && _server.IsWelcome)
            TellServer(effects);
        return [.. effects];
    }

    private void Take(AgentInput input, List<AgentEffect> effects)
    {
        switch (input)
        {
            case AgentInput.Begun(var now):
                (_now, _led, _told) = (now, now, now);
                _persist = true;
                if (_jobs.Count > 0)
                    effects.Add(new AgentEffect.Sweep());
                _server.Begin(now, effects);
                break;
            case AgentInput.ServerConnected(var now):
                _now = now;
                _server.Connected(now, effects);
                break;
            case AgentInput.ServerClosed(_, var now):
                _now = now;
                _server.Closed(now, effects);
                break;
            case AgentInput.ServerSaid(var message, var now):
                _now = now;
                _server.Heard(now);
                TakeServer(message, effects);
                break;
            case AgentInput.Swept(var processes, var now):
                _now = now;
                foreach (var held in _jobs.Values.Where(held => held.State == KeeperState.Clearing))
                    _keepers.Swept(held, processes, now, effects);
                _tell = true;
                break;
            case AgentInput.Tick(var now):
                _now = now;
                Tick(effects);
                break;
            default:
                TakeKeeper(input, effects);
                break;
        }
    }

    private void TakeServer(ServerMessage message, List<AgentEffect> effects)
    {
        switch (message)
        {
            case ServerMessage.Welcome:
                _server.Welcomed();
                _tell = true;
                break;
            case ServerMessage.Refused(var why, var leader):
                _server.SentElsewhere(leader);
                effects.Add(new AgentEffect.Note($"the server refused: {why}"));
                effects.Add(new AgentEffect.HangUpServer());
                break;
            case ServerMessage.Assigned(var assignments):
                if (Refusal(assignments.Leader) is { } refusal)
                {
                    effects.Add(new AgentEffect.Note(refusal));
                    effects.Add(new AgentEffect.HangUpServer());
                    break;
                }

                _led = _now;
                if (_leader != assignments.Leader)
                    (_leader, _persist) = (assignments.Leader, true);
                TakeAssignments(assignments);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private string? Refusal(FencingToken leader)
    {
        if (_leader is not { } known)
            return null;
        if (leader.Cluster != known.Cluster)
            return $"assignments of cluster {leader.Cluster} refused: this agent belongs to cluster {known.Cluster}; "
                + "give it another directory to join another cluster";
        return leader.Granted < known.Granted
            ? $"assignments of coordinator {leader} refused: coordinator {known} has spoken since"
            : null;
    }

    private void TakeAssignments(NodeAssignments assignments)
    {
        var named = new SortedSet<JobId>();
        foreach (var wish in assignments.Jobs)
        {
            named.Add(wish.Job);
            if (!_jobs.TryGetValue(wish.Job, out var held))
            {
                _jobs[wish.Job] = held = new HeldJob(wish.Job, wish.Generation);
                (_persist, _tell) = (true, true);
            }

            if (held.Releasing || wish.Generation.CompareTo(held.Generation) < 0)
                continue;
            if (wish.Generation != held.Generation)
            {
                (held.Generation, held.KeeperLost, held.Refusal) = (wish.Generation, false, null);
                // The agent saw nothing start for the new generation: the journal of an old keeper says nothing about it.
                if (held.State == KeeperState.Gone)
                    held.State = KeeperState.Wanted;
                (_persist, _tell) = (true, true);
            }

            held.Desired = wish;
            held.WishChanged = true;
        }

        foreach (var held in _jobs.Values)
        {
            if (named.Contains(held.Job) || held.Releasing)
                continue;
            (held.Releasing, held.WishChanged) = (true, true);
            (_persist, _tell) = (true, true);
        }
    }

    private void TakeKeeper(AgentInput input, List<AgentEffect> effects)
    {
        var (job, now) = input switch
        {
            AgentInput.KeeperStarted i => (i.Job, i.Now),
            AgentInput.KeeperNotStarted i => (i.Job, i.Now),
            AgentInput.KeeperExited i => (i.Job, i.Now),
            AgentInput.KeeperClosed i => (i.Job, i.Now),
            AgentInput.KeeperSaid i => (i.Job, i.Now),
            AgentInput.JournalRead i => (i.Job, i.Now),
            _ => throw new UnreachableException(),
        };
        _now = now;
        if (!_jobs.TryGetValue(job, out var held))
            return;
        var (tell, persist) = _keepers.Take(held, input, effects);
        _tell |= tell;
        _persist |= persist;
    }

    private void Tick(List<AgentEffect> effects)
    {
        _server.Tick(_now, effects);
        foreach (var held in _jobs.Values)
            _keepers.Tick(held, _now, effects);
        if (_now - _told < _limits.TellEvery)
            return;
        (_tell, _told) = (true, _now);
        foreach (var held in _jobs.Values)
            held.WishChanged = true;   // said again: it tells the keeper that its agent lives
    }

    private void Reconcile(HeldJob held, List<AgentEffect> effects)
    {
        if (held.State == KeeperState.Gone && held.Releasing)
        {
            _jobs.Remove(held.Job);
            effects.Add(new AgentEffect.Forget(held.Job));
            (_persist, _tell) = (true, true);
        }
        else if (held.State == KeeperState.Wanted && held.Releasing)
        {
            held.State = KeeperState.Gone;   // never started
            Reconcile(held, effects);
        }
        else if (held.State == KeeperState.Wanted && held.Desired is not null && _leader is { } leader)
        {
            (held.State, held.StartedAt) = (KeeperState.Starting, _now);
            effects.Add(new AgentEffect.StartKeeper(held.Job, leader, held.Generation));
        }
        else if (held.State == KeeperState.Connected && held.WishChanged)
        {
            held.WishChanged = false;
            effects.Add(new AgentEffect.TellKeeper(held.Job, Order(held)));
        }
    }

    private KeeperOrder Order(HeldJob held)
    {
        if (held.Releasing && _leader is { } releasing)
            return new KeeperOrder.Release(releasing);
        if (held.Desired is not { } wish || _leader is not { } leader)
            return new KeeperOrder.Stay();
        var liveness = wish.Launch.Specification.Liveness;
        var isolated = liveness.Isolated == OnIsolationStop && _now - _led > liveness.IsolatedAfter;
        return new KeeperOrder.Want(leader, !isolated || wish.Stop is not null ? wish : wish with
        {
            Stop = new StopOrder(StopKind.Failure, wish.Launch.Specification.Stop.Signal, wish.Launch.Specification.FailureGrace),
        });
    }

    private const Specification.OnIsolation OnIsolationStop = Specification.OnIsolation.Stop;

    private void TellServer(List<AgentEffect> effects)
    {
        _tell = false;
        effects.Add(new AgentEffect.TellServer(new AgentMessage.Snapshot(new NodeSnapshot
        {
            Node = _agent.Node,
            Incarnation = _agent.Incarnation,
            Sequence = ++_sequence,
            Resources = _agent.Resources,
            Address = _agent.Address,
            Jobs = [.. _jobs.Values.Where(held => !held.Recovering).Select(held => held.Facts(_now))],
        })));
    }

    private AgentJournal Journal() => new()
    {
        Agent = _tag,
        Leader = _leader,
        Jobs = [.. _jobs.Values.Select(held => new JournaledJob
        {
            Job = held.Job,
            Generation = held.Generation,
            KeeperLost = held.KeeperLost,
            Releasing = held.Releasing,
        })],
    };
}
