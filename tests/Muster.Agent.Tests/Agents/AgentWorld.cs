using System.Collections.Immutable;
using Muster.Jobs.Agents;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Agent.Tests.Agents;

/// <summary>A host with an agent that may die between any two effects, keepers that outlive it, and a server that repeats its wish.</summary>
internal sealed class AgentWorld
{
    private sealed class Keeper(HostProcess process)
    {
        public HostProcess Process { get; } = process;

        public bool Linked { get; set; }

        public JobAssignment? Wish { get; set; }

        /// <summary>Each time ranks of a generation were started.</summary>
        public List<long> Started { get; } = [];
    }

    private readonly AgentIdentity _agent = new()
    {
        Node = new NodeId("host"),
        Incarnation = 1,
        Address = "127.0.0.1",
        Resources = new NodeResources(2, 1, []),
        Servers = ["unix:server"],
    };

    private readonly SortedDictionary<JobId, Keeper> _keepers = [];
    private readonly SortedDictionary<JobId, KeeperJournal> _keeperJournals = [];
    private AgentCore? _core;
    private int _pid = 500;
    private int? _effectsLeft;
    private Instant _now;

    public AgentJournal Journal { get; private set; } = new() { Agent = "me" };

    public NodeAssignments? Wish { get; set; }

    public NodeSnapshot? Snapshot { get; private set; }

    public List<SeenProcess> Strays { get; } = [];

    public int KeepersStarted { get; private set; }

    public int Effects { get; private set; }

    public bool Died { get; private set; }

    public IEnumerable<long> Started => _keepers.Values.SelectMany(keeper => keeper.Started);

    public JobFacts? Facts(JobId job) => Snapshot?.Jobs.FirstOrDefault(facts => facts.Job == job);

    /// <summary>Starts the agent; it dies before the effect after so many.</summary>
    public void Start(int? diesAfter = null)
    {
        (_effectsLeft, Died, Snapshot) = (diesAfter, false, null);
        foreach (var keeper in _keepers.Values)
            keeper.Linked = false;
        _core = new AgentCore(_agent, Journal);
        Step(new AgentInput.Begun(_now));
    }

    public void Advance(double seconds)
    {
        for (var end = _now + TimeSpan.FromSeconds(seconds); _now < end && !Died;)
        {
            _now += TimeSpan.FromMilliseconds(100);
            Step(new AgentInput.Tick(_now));
            if (Wish is not null)
                Step(new AgentInput.ServerSaid(new ServerMessage.Assigned(Wish), _now));
        }
    }

    public void KillKeeper(JobId job, bool parentSees = true)
    {
        _keepers.Remove(job, out var keeper);
        if (parentSees)
            Step(new AgentInput.KeeperExited(job, keeper!.Process, _now));
    }

    public void Step(AgentInput input)
    {
        var pending = new Queue<AgentInput>([input]);
        while (!Died && pending.TryDequeue(out var next))
            foreach (var effect in _core!.Step(next))
            {
                if (_effectsLeft-- == 0)
                {
                    Died = true;
                    return;
                }

                Effects++;
                foreach (var result in Perform(effect))
                    pending.Enqueue(result);
            }
    }

    private IEnumerable<AgentInput> Perform(AgentEffect effect)
    {
        switch (effect)
        {
            case AgentEffect.Persist(var journal):
                Journal = journal;
                break;
            case AgentEffect.CallServer:
                yield return new AgentInput.ServerConnected(_now);
                break;
            case AgentEffect.TellServer(AgentMessage.Hello):
                yield return new AgentInput.ServerSaid(new ServerMessage.Welcome(AgentProtocol.Version), _now);
                break;
            case AgentEffect.TellServer(AgentMessage.Snapshot(var snapshot)):
                Snapshot = snapshot;
                break;
            case AgentEffect.HangUpServer:
                yield return new AgentInput.ServerClosed("hung up", _now);
                break;
            case AgentEffect.StartKeeper(var job, _, _):
                KeepersStarted++;
                Invariant.Require(!_keepers.ContainsKey(job));
                _keepers[job] = new Keeper(new HostProcess(++_pid, _pid));
                yield return new AgentInput.KeeperStarted(job, _keepers[job].Process, _now);
                break;
            case AgentEffect.CallKeeper(var job, var process):
                if (_keepers.TryGetValue(job, out var called) && called.Process == process)
                {
                    called.Linked = true;
                    yield return new AgentInput.KeeperSaid(job, new KeeperMessage.Hello(1, job, process), _now);
                }
                else
                {
                    yield return new AgentInput.KeeperClosed(job, process, ProcessAlive: false, _now);
                }

                break;
            case AgentEffect.TellKeeper(var job, var order):
                foreach (var said in Obey(job, order))
                    yield return said;
                break;
            case AgentEffect.Kill(var process):
                Strays.RemoveAll(stray => stray.Process == process);
                break;
            case AgentEffect.Sweep:
                yield return new AgentInput.Swept(
                    [.. _keepers.Select(k => new SeenProcess(k.Value.Process, 1, 1, null, null, null, $"me/{k.Key}")), .. Strays], _now);
                break;
            case AgentEffect.ReadJournal(var job):
                yield return new AgentInput.JournalRead(job, _keeperJournals.GetValueOrDefault(job), _now);
                break;
            case AgentEffect.Forget(var job):
                _keeperJournals.Remove(job);
                break;
        }
    }

    /// <summary>A keeper does what it is told once, whoever says it how often.</summary>
    private IEnumerable<AgentInput> Obey(JobId job, KeeperOrder order)
    {
        if (!_keepers.TryGetValue(job, out var keeper) || !keeper.Linked)
            yield break;
        switch (order)
        {
            case KeeperOrder.Release:
                _keepers.Remove(job);
                yield return new AgentInput.KeeperExited(job, keeper.Process, _now);
                break;
            case KeeperOrder.Want(_, var wish):
                if (keeper.Wish is null || keeper.Wish.Generation.CompareTo(wish.Generation) < 0)
                {
                    _keeperJournals[job] = new KeeperJournal { Keeper = keeper.Process, Generation = wish.Generation };
                    keeper.Started.Add(wish.Generation.Number);
                }

                keeper.Wish = wish;
                yield return new AgentInput.KeeperSaid(
                    job, new KeeperMessage.Facts(new JobFacts { Job = job, Generation = wish.Generation, Phase = NodePhase.Running }), _now);
                break;
        }
    }
}
