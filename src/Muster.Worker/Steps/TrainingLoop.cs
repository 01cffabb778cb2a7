namespace Muster.Worker.Steps;

/// <summary>The loop's side of <see cref="StepGate"/>: takes the lock, and waits where the gate says so.</summary>
internal sealed class TrainingLoop(StepGate gate)
{
    private readonly object _lock = new();      // Monitor, not Lock: the loop waits on it
    private bool _inBody;
    private bool _running;
    private long _offered = -1;

    /// <summary>Steps done, as a report made now counts them: within the loop's body the present step is included.</summary>
    public long ReportStep { get; private set; } = gate.Done;

    public bool EndedEarly
    {
        get
        {
            lock (_lock)
                return gate.EndedEarly;
        }
    }

    /// <summary>Steps done, and the total once the loop began.</summary>
    public (long Done, long? Total) Progress
    {
        get
        {
            lock (_lock)
                return (gate.Done, gate.Total);
        }
    }

    /// <summary>Hands the gate what the keeper wishes. With <paramref name="repeat"/> an answer that may have been lost is given again.</summary>
    public Answer? OnWish(CheckpointRequest? request, bool repeat)
    {
        lock (_lock)
        {
            var answer = gate.OnWish(request) ?? (repeat ? gate.StandingAnswer : null);
            Monitor.PulseAll(_lock);
            return answer;
        }
    }

    /// <summary>Yields the steps still to do, after calling <paramref name="begun"/>. <paramref name="missed"/> is told a requested step that the program did not offer to save.</summary>
    public IEnumerable<long> Run(long total, Action begun, Action<long> missed)
    {
        Enter(total);
        begun();
        try
        {
            while (GoOn(missed))
            {
                ReportStep = gate.Done + 1;
                _inBody = true;
                yield return ReportStep - 1;
                _inBody = false;
                lock (_lock)
                    gate.Reach(ReportStep);
            }
        }
        finally
        {
            (_running, _inBody) = (false, false);
            lock (_lock)
                gate.Leave();
        }
    }

    /// <summary>The program offers to save: waits where a promise stands. Returns the step to save, or null when none is due.</summary>
    /// <exception cref="InvalidOperationException">Outside the loop's body, or twice after one step.</exception>
    public long? OfferSave()
    {
        if (!_inBody)
            throw new InvalidOperationException("Checkpoint was called outside the loop over Steps(): call it in the loop's body, after training on the step.");
        if (_offered == ReportStep)
            throw new InvalidOperationException($"Checkpoint was called twice in step {ReportStep - 1}: save everything in one call.");
        lock (_lock)
        {
            gate.Reach(ReportStep);
            _offered = ReportStep;
            Turn turn;
            while ((turn = gate.AtSave()) == Turn.Wait)
                Monitor.Wait(_lock);
            return turn == Turn.Save ? ReportStep : null;
        }
    }

    private void Enter(long total)
    {
        if (_running)
            throw new InvalidOperationException("A loop over Steps() is running already: a program has one at a time.");
        _running = true;
        lock (_lock)
            gate.Begin(total);
    }

    private bool GoOn(Action<long> missed)
    {
        bool requested;
        Turn turn;
        long step;
        lock (_lock)
        {
            while (true)
            {
                requested = gate.IsRequestedHere;
                step = gate.Done;
                turn = gate.AtEnd();
                if (turn != Turn.Wait)
                    break;
                Monitor.Wait(_lock);
            }
        }

        if (requested && _offered != step)
        {
            _offered = step;
            missed(step);
        }

        return turn == Turn.Go;
    }
}
