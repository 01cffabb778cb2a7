namespace Muster.Scheduling.Rounds;

/// <summary>What a round places as one: a job alone, or two that share their GPUs.</summary>
internal sealed class ScheduledUnit
{
    /// <summary>A unit with nothing received.</summary>
    /// <param name="first">The job, or the earlier of two.</param>
    /// <param name="second">The later of two; null for a job alone.</param>
    /// <param name="firstRates">Shape [gpuTypes]; throughput of the first in this unit.</param>
    /// <param name="secondRates">The same of the second; empty for a job alone.</param>
    public ScheduledUnit(ScheduledJob first, ScheduledJob? second, double[] firstRates, double[] secondRates)
    {
        (First, Second, FirstRates, SecondRates) = (first, second, firstRates, secondRates);
        var types = firstRates.Length;
        (Share, Received, Deficit) = (new double[types], new double[types], new double[types]);
        Workers = new int[first.Source.ScaleFactor];
    }

    public ScheduledJob First { get; }

    public ScheduledJob? Second { get; }

    public double[] FirstRates { get; }

    public double[] SecondRates { get; }

    public int Gpus => Workers.Length;

    /// <summary>Share of the time on each type, by the last allocation.</summary>
    public double[] Share { get; }

    /// <summary>Seconds on each type since the last reset, half a round included so that nothing divides by zero.</summary>
    public double[] Received { get; }

    /// <summary>Seconds that it was entitled to and did not get, per type, up to the last reset.</summary>
    public double[] Deficit { get; }

    /// <summary>The GPUs of the round that last placed it.</summary>
    public int[] Workers { get; }

    /// <summary>The type of those GPUs.</summary>
    public int Type { get; set; } = -1;

    /// <summary>The number of that round.</summary>
    public long PlacedRound { get; set; } = -2;

    /// <summary>The number of the last round whose time was credited: two jobs of one unit credit it once.</summary>
    public long CreditedRound { get; set; } = -2;

    public bool IsAllocated => First.Allocated && (Second is null || Second.Allocated);

    public bool Runs(int type) => FirstRates[type] > 0 && (Second is null || SecondRates[type] > 0);

    public bool IsSelected(long round) => First.SelectedRound == round || Second?.SelectedRound == round;

    public void Select(long round)
    {
        First.SelectedRound = round;
        if (Second is not null)
            Second.SelectedRound = round;
    }
}
