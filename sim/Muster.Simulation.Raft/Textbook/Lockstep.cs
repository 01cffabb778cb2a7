using System.Text;
using Muster.Primitives;
using Muster.Raft;

namespace Muster.Simulation.Raft.Textbook;

/// <summary>Real cores that tick together; what one says in a round, others hear in the next. As textbooks draw it.</summary>
internal sealed class Lockstep
{
    private readonly RaftCore[] _cores;
    private readonly SeededRandom _random;
    private readonly HashSet<(int From, int To)> _cut = [];
    private List<Message> _said = [];

    public Lockstep(int members, SeededRandom random)
    {
        _random = random;
        var first = Recovered.First(Configuration.OfVoters(Enumerable.Range(1, members).Select(id => new MemberId((ulong)id))));
        _cores = [.. first.Snapshot!.Configuration.Voters.Select(id => new RaftCore(
            new() { Id = id, ElectionTicks = 10, HeartbeatTicks = 2, PreVote = false, CheckQuorum = false, Storage = StorageMode.Synchronous }, first))];
    }

    public IReadOnlyList<RaftCore> Cores => _cores;

    /// <summary>Everyone waits equally long before it stands.</summary>
    public bool FixedTimeouts { get; set; }

    /// <summary>Share of messages lost.</summary>
    public double Loss { get; set; }

    /// <summary>Members that stand still, by place.</summary>
    public HashSet<int> Stopped { get; } = [];

    public long Rounds { get; private set; }

    /// <summary>Times that someone stood for election.</summary>
    public long Elections { get; private set; }

    /// <summary>Who led in each term; a second leader of one term would be a second name.</summary>
    public SortedDictionary<long, SortedSet<ulong>> LeadersByTerm { get; } = [];

    public RaftCore? Leader => _cores.Where((core, at) => core.Role == Role.Leader && !Stopped.Contains(at)).MaxBy(core => core.Term.Number);

    public void Cut(IEnumerable<int> some)
    {
        var apart = some.ToHashSet();
        for (var a = 0; a < _cores.Length; a++)
            for (var b = 0; b < _cores.Length; b++)
                if (apart.Contains(a) != apart.Contains(b))
                    _cut.Add((a, b));
    }

    public void Mend() => _cut.Clear();

    public void Campaign(params int[] members)
    {
        foreach (var at in members)
            Give(at, new Input.Campaign());
    }

    public void Propose(RaftCore leader, string what) => Give(PlaceOf(leader.Id), new Input.Propose([new(Encoding.UTF8.GetBytes(what))]));

    public bool Holds(RaftCore core, string what)
    {
        for (var index = core.Compacted.Index.Next(); index <= core.Last.Index; index = index.Next())
            if (Encoding.UTF8.GetString(core.State.Log[index].Data.Span) == what)
                return true;
        return false;
    }

    public void Round()
    {
        Rounds++;
        var heard = _said;
        _said = [];
        foreach (var message in heard)
            if (!_cut.Contains((PlaceOf(message.From), PlaceOf(message.To))) && (Loss <= 0 || !_random.Chance(Loss)))
                Give(PlaceOf(message.To), new Input.Receive(message));
        for (var at = 0; at < _cores.Length; at++)
            Give(at, new Input.Tick(Instant.FromSeconds(Rounds * 0.01), FixedTimeouts ? 15 : 10 + _random.Next(10)));
    }

    public bool RunUntil(Func<bool> isEnough, int roundsMax)
    {
        for (var round = 0; round < roundsMax && !isEnough(); round++)
            Round();
        return isEnough();
    }

    private static int PlaceOf(MemberId id) => (int)id.Number - 1;

    private void Give(int at, Input input)
    {
        if (Stopped.Contains(at))
            return;
        var core = _cores[at];
        var before = core.Term;
        core.Step(input);
        if (core.Role == Role.Candidate && core.Term > before)
            Elections++;
        while (core.HasReady)
            Carry(core, core.TakeReady());
        if (core.Role == Role.Leader)
            (LeadersByTerm.TryGetValue(core.Term.Number, out var leaders) ? leaders : LeadersByTerm[core.Term.Number] = []).Add(core.Id.Number);
    }

    private void Carry(RaftCore core, Ready ready)
    {
        _said.AddRange(ready.Messages);
        foreach (var message in ready.AfterStored)
        {
            if (message.To == core.Id)
                core.Step(new Input.Receive(message));
            else
                _said.Add(message);
        }

        if (ready.Ticket is { } ticket)
            core.Step(new Input.Persisted(ticket));
        if (ready.Committed.Length > 0)
            core.Step(new Input.Applied(ready.Committed[^1].Index));
    }
}
