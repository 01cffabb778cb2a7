using Muster.Primitives;
using Muster.Worker.Steps;

namespace Muster.Worker.Tests.Steps;

internal enum Planted
{
    None,
    LatePromise,
    NoWait,
}

/// <summary>
/// Ranks with a gate each, coupled as by a collective in every step, and a coordinator that proposes, confirms and cancels.
/// One seed decides every interleaving: who moves next, when a wish arrives or is lost to a newer one, when an answer arrives.
/// </summary>
internal sealed class SimulatedWorld
{
    private const int MovesMax = 20_000;
    private const int ProposalsMax = 12;

    private readonly SeededRandom _random;
    private readonly Planted _planted;
    private readonly long _every;
    private readonly long _total;
    private readonly List<SimulatedRank> _ranks = [];
    private readonly HashSet<int> _promised = [];
    private readonly SortedDictionary<long, bool> _confirmed = [];
    private CheckpointRequest? _request;
    private int _margin = 1;
    private int _proposals;

    public SimulatedWorld(ulong seed, Planted planted = Planted.None)
    {
        (_random, _planted) = (new SeededRandom(seed), planted);
        _every = _random.Pick([0L, 0, 3, 7]);
        _total = _random.Next(1, 41);
        for (var i = _random.Next(1, 6); i > 0; i--)
            _ranks.Add(new SimulatedRank(_ranks.Count, _every));
    }

    public bool ConfirmedAny => _confirmed.Count > 0;

    public bool ConfirmedEnd => _confirmed.Values.Any(ends => ends);

    public bool CancelledAny => _margin > 1;

    /// <summary>Moves until nothing can. Returns what is wrong then, or null.</summary>
    public string? Run()
    {
        var moves = new List<Action>();
        for (var i = 0; i < MovesMax; i++)
        {
            moves.Clear();
            Collect(moves);
            if (moves.Count == 0)
                return Check();
            _random.Pick(moves)();
        }

        return "the ranks never ended";
    }

    private void Collect(List<Action> moves)
    {
        foreach (var rank in _ranks)
        {
            if (CanStep(rank))
                moves.Add(() => Step(rank));
            if (rank.Wish.Waits)
                moves.Add(() => Deliver(rank));
            if (rank.Answers.Count > 0)
                moves.Add(() => Hear(rank));
        }

        if (_request is null && _proposals < ProposalsMax && _ranks.Any(rank => rank.Phase != Phase.Over))
            moves.Add(Propose);
        var passed = _ranks.All(rank => rank.Phase == Phase.Over || rank.Gate.Done > _request?.Step);
        if (_request is { State: RequestState.Cancelled } || (_request is { State: RequestState.Confirmed, Ends: false } && passed))
            moves.Add(Withdraw);
    }

    private bool CanStep(SimulatedRank rank) => rank.Phase switch
    {
        Phase.Over => false,
        Phase.Start => true,
        // The collective: nobody finishes a step that another has not begun.
        Phase.Body => _ranks.All(other => other.Gate.Done > rank.Gate.Done || (other.Phase == Phase.Body && other.Gate.Done == rank.Gate.Done)),
        Phase.Save => _planted == Planted.NoWait || rank.Gate.AtSave() != Turn.Wait,
        _ => _planted == Planted.NoWait || rank.Gate.AtEnd() != Turn.Wait,
    };

    private void Step(SimulatedRank rank)
    {
        switch (rank.Phase)
        {
            case Phase.Start:
                rank.Gate.Begin(_total);
                rank.Phase = Phase.End;
                break;
            case Phase.Body:
                rank.Gate.Reach(rank.Gate.Done + 1);
                rank.Phase = Phase.Save;
                break;
            case Phase.Save:
                if (rank.Gate.AtSave() == Turn.Save)
                    rank.Saved.Add(rank.Gate.Done);
                rank.Phase = Phase.End;
                break;
            case Phase.End when rank.Gate.AtEnd() == Turn.End:
                rank.Gate.Leave();
                (rank.Phase, rank.EndedAt) = (Phase.Over, rank.Gate.Done);
                break;
            default:
                rank.Phase = Phase.Body;
                break;
        }
    }

    private void Tell()
    {
        foreach (var rank in _ranks)
            rank.Wish = (true, _request);
    }

    private void Deliver(SimulatedRank rank)
    {
        var streamBroke = _random.Chance(0.3);
        var answer = rank.Gate.OnWish(rank.Wish.Request) ?? (streamBroke ? rank.Gate.StandingAnswer : null);
        rank.Wish = (streamBroke && _random.Chance(0.5), _request);
        if (answer is not null)
            rank.Answers.Enqueue(_planted == Planted.LatePromise ? new Answer.Promise(answer.Id, answer.Done) : answer);
    }

    private void Hear(SimulatedRank rank)
    {
        var answer = rank.Answers.Dequeue();
        if (_request is not { State: RequestState.Proposed } || _request.Id != answer.Id)
            return;
        if (answer is Answer.Refuse)
        {
            _margin *= 2;
            _request = _request with { State = RequestState.Cancelled };
            Tell();
            return;
        }

        _promised.Add(rank.Number);
        if (_promised.Count < _ranks.Count)
            return;
        _confirmed[_request.Step] = _request.Ends || _confirmed.GetValueOrDefault(_request.Step);
        _request = _request with { State = RequestState.Confirmed };
        Tell();
    }

    private void Propose()
    {
        var furthest = _ranks.Max(rank => rank.Gate.Done);
        _request = new CheckpointRequest(++_proposals, furthest + _random.Next(_margin + 1), _random.Chance(0.3), RequestState.Proposed);
        _promised.Clear();
        Tell();
    }

    private void Withdraw()
    {
        _request = null;
        if (_random.Chance(0.5))
            Tell();     // otherwise the next proposal replaces it
    }

    /// <summary>Nobody stuck, all ended after the same step, and saved exactly what was due.</summary>
    private string? Check()
    {
        if (_ranks.Any(rank => rank.Phase != Phase.Over))
            return $"waiting forever: {string.Join(", ", _ranks.Select(rank => $"{rank.Phase} {rank.Gate.Done}"))}, with {_request}";
        var end = Math.Min(_total, _confirmed.Where(request => request.Value).Select(request => request.Key).Append(_total).Min());
        if (_ranks.Any(rank => rank.EndedAt != end))
            return $"ended at {string.Join(", ", _ranks.Select(rank => rank.EndedAt))}, not at {end}";
        var due = Enumerable.Range(1, (int)end).Select(step => (long)step)
            .Where(step => (_every > 0 && step % _every == 0) || _confirmed.ContainsKey(step) || step == _total).ToList();
        return _ranks.Where(rank => !rank.Saved.SequenceEqual(due))
            .Select(rank => $"rank {rank.Number} saved {string.Join(",", rank.Saved)}, due were {string.Join(",", due)}")
            .FirstOrDefault();
    }
}
