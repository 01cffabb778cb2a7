using Muster.Primitives;

namespace Muster.Jobs.Keepers;

/// <summary>Steps per second, smoothed over about ten seconds.</summary>
/// <remarks>Reports come in bursts: a rate is taken over a stretch of time, never between two reports of one burst.</remarks>
internal sealed class StepRate
{
    private const double SmoothingSeconds = 10;
    private static readonly TimeSpan s_stretchMin = TimeSpan.FromMilliseconds(250);

    private (Instant At, TrainingStep Step)? _begin;

    /// <summary>0 until it can be told.</summary>
    public double PerSecond { get; private set; }

    public void Take(TrainingStep step, Instant now)
    {
        if (_begin is not { } begin || step < begin.Step)
        {
            _begin = (now, step);
            return;
        }

        var stretch = now - begin.At;
        if (stretch < s_stretchMin)
            return;
        var rate = (step.Number - begin.Step.Number) / stretch.TotalSeconds;
        var weight = 1 - Math.Exp(-stretch.TotalSeconds / SmoothingSeconds);
        PerSecond = PerSecond == 0 ? rate : PerSecond + (weight * (rate - PerSecond));
        _begin = (now, step);
    }
}
