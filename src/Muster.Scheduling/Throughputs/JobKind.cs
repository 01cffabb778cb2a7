namespace Muster.Scheduling.Throughputs;

/// <summary>A model on a number of GPUs, and how fast it runs.</summary>
public sealed class JobKind
{
    private readonly Dictionary<JobKind, PairRates> _beside = [];

    internal JobKind(string model, int scaleFactor, double[] isolated) => (Model, ScaleFactor, Isolated) = (model, scaleFactor, isolated);

    /// <summary>The model's name.</summary>
    public string Model { get; }

    /// <summary>GPUs of one job of this kind.</summary>
    public int ScaleFactor { get; }

    /// <summary>Its number within its table; -1 for a kind of its own.</summary>
    internal int Index { get; set; } = -1;

    /// <summary>Shape [gpuTypes]; steps per second of the whole gang, alone on its GPUs; 0 where it cannot run.</summary>
    public double[] Isolated { get; }

    /// <summary>This kind's throughput when it shares its GPUs with another, per type; null where that was never measured.</summary>
    public double[]? Beside(JobKind other) => _beside.TryGetValue(other, out var rates) ? rates.Mine : null;

    internal void SetBeside(JobKind other, int type, int types, double mine)
    {
        if (!_beside.TryGetValue(other, out var rates))
            _beside[other] = rates = new PairRates(new double[types]);
        rates.Mine[type] = mine;
    }

    private sealed record PairRates(double[] Mine);
}
