namespace Muster.Scheduling.Solvers;

/// <summary>What a search for the highest water found, with the prices that prove it.</summary>
internal sealed class LevelAnswer(double from, double high, double[] prices)
{
    public double From { get; } = from;

    public double High { get; } = high;

    /// <summary>The height reached.</summary>
    public double Height { get; set; } = from;

    /// <summary>No height above this is feasible.</summary>
    public double Bound { get; set; } = high;

    /// <summary>The prices of the bound.</summary>
    public double[] Prices { get; set; } = prices;

    /// <summary>Relative distance of height and bound where rounding ended the search before they met.</summary>
    public double Gap { get; set; }

    /// <summary>Prices tried and the heights they gave.</summary>
    public List<(double[] Prices, double Height)> Tried { get; } = [];

    /// <summary>Which of those make up the answer, and with which weight; what is missing to 1 is the state at the beginning.</summary>
    public List<(int Index, double Weight)> Parts { get; } = [];

    public double WeightOfBeginning => Math.Max(0, 1 - Parts.Sum(part => part.Weight));

    public void Take(RevisedSimplex master)
    {
        Parts.Clear();
        foreach (var (column, value) in master.Solution())
            Parts.Add((column, value));
    }

    public void TakeLast()
    {
        Parts.Clear();
        Parts.Add((Tried.Count - 1, 1));
        Height = High;
    }
}
