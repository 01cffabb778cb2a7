using Muster.Primitives;

namespace Muster.Worker.Steps;

/// <summary>Decides where a training loop saves, waits and ends, and what it may promise.</summary>
/// <remarks>
/// Pure and not thread-safe: the loop and the reader of wishes call it under one lock. All of its safety is that
/// <see cref="Reach"/> counts the step before anything is decided about it: from then on a proposal for that step is
/// refused, and until then a promise made for it is seen by <see cref="AtSave"/> and <see cref="AtEnd"/>.
/// </remarks>
internal sealed class StepGate(long every, long start)
{
    /// <summary>Confirmed requests that this rank has not reached yet, kept at once; further proposals are refused.</summary>
    internal const int ConfirmedMax = 16;

    private readonly SortedDictionary<long, bool> _confirmed = [];   // step → whether the loop ends there
    private CheckpointRequest? _request;
    private Answer? _answer;
    private bool _left;

    /// <summary>Steps done.</summary>
    public long Done { get; private set; } = start;

    /// <summary>Steps of the whole training, once the loop has begun.</summary>
    public long? Total { get; private set; }

    /// <summary>Whether the loop ended before its last step because it was asked to.</summary>
    public bool EndedEarly { get; private set; }

    /// <summary>The answer that the present request got, while it is proposed.</summary>
    public Answer? StandingAnswer => _request?.State == RequestState.Proposed ? _answer : null;

    /// <summary>Takes what the keeper now wishes; null when it wishes nothing.</summary>
    /// <returns>The answer to send, or null where none is asked for or it was given before.</returns>
    public Answer? OnWish(CheckpointRequest? request)
    {
        if (request is null)
        {
            (_request, _answer) = (null, null);
            return null;
        }

        var known = _request?.Id == request.Id;
        if (known && _request!.State != RequestState.Proposed)
            return null;                                        // confirmed and cancelled are final

        if (request.State == RequestState.Confirmed)
            Confirm(request, known);
        _answer = request.State switch
        {
            RequestState.Proposed when known => _answer,
            RequestState.Proposed => Decide(request),
            _ => null,
        };
        _request = request;
        return known ? null : _answer;
    }

    /// <summary>The loop begins, or begins again, up to <paramref name="total"/> steps.</summary>
    public void Begin(long total) => (Total, _left) = (total, false);

    /// <summary>The loop was left: it will stand at no further step.</summary>
    public void Leave() => _left = true;

    /// <summary>Step number <paramref name="step"/> has been done. Repeating it changes nothing.</summary>
    public void Reach(long step)
    {
        Invariant.Require(step == Done || step == Done + 1);
        if (step == Done)
            return;
        Invariant.Require(_answer is not Answer.Promise || _request!.Step > Done);
        Done = step;
    }

    /// <summary>Where the program offers to save the step just done: Save, Go, or Wait and ask again after the next wish.</summary>
    public Turn AtSave()
    {
        if (Done == Total || (every > 0 && Done % every == 0) || _confirmed.ContainsKey(Done))
            return Turn.Save;                                   // one save serves the period and a request for the same step
        return MustWait ? Turn.Wait : Turn.Go;
    }

    /// <summary>Where the loop would go on to the next step: Go, End, or Wait and ask again after the next wish.</summary>
    public Turn AtEnd()
    {
        if (EndedEarly || Done >= Total)
            return Turn.End;
        if (MustWait)
            return Turn.Wait;
        if (_confirmed.TryGetValue(Done, out var ends) && ends)
        {
            EndedEarly = true;
            return Turn.End;
        }

        while (_confirmed.Count > 0 && _confirmed.Keys.First() <= Done)
            _confirmed.Remove(_confirmed.Keys.First());
        return Turn.Go;
    }

    /// <summary>Whether a confirmed request names the step just done.</summary>
    public bool IsRequestedHere => _confirmed.ContainsKey(Done);

    private bool MustWait => _request?.State == RequestState.Proposed && _answer is Answer.Promise && _request.Step == Done;

    private void Confirm(CheckpointRequest request, bool known)
    {
        // Unknown and still ahead: every other rank promised, so this one joins them although it was never asked.
        var promised = known ? _answer is Answer.Promise : request.Step > Done;
        if (promised)
            _confirmed[request.Step] = request.Ends || (_confirmed.TryGetValue(request.Step, out var ends) && ends);
    }

    private Answer Decide(CheckpointRequest request)
    {
        var endsBefore = _confirmed.Any(confirmed => confirmed.Value && confirmed.Key < request.Step);
        var reaches = request.Step > Done && !(request.Step > Total) && !_left && !EndedEarly && !endsBefore;
        return reaches && _confirmed.Count < ConfirmedMax
            ? new Answer.Promise(request.Id, Done)
            : new Answer.Refuse(request.Id, Done);
    }
}
