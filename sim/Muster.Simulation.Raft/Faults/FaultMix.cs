using Muster.Primitives;

namespace Muster.Simulation.Raft;

/// <summary>Which faults a run has, and how often; drawn from its seed, so that each run has another mix.</summary>
internal sealed record FaultMix
{
    public double Loss { get; init; }

    public double Duplication { get; init; }

    public double Straggling { get; init; }

    public double LingeringVotes { get; init; }

    public int DelayMicroseconds { get; init; } = 1000;

    /// <summary>Time between faults of any kind, on average, in microseconds.</summary>
    public int EveryMicroseconds { get; init; } = 200_000;

    public int CrashWeight { get; init; }

    public int CrashLeaderWeight { get; init; }

    public int CrashAllWeight { get; init; }

    public int PartitionWeight { get; init; }

    public int MendWeight { get; init; } = 3;

    public int ClogWeight { get; init; }

    public int PauseWeight { get; init; }

    public int DiskWeight { get; init; }

    public int ChangeWeight { get; init; }

    public int TransferWeight { get; init; }

    public int RumourWeight { get; init; }

    public static FaultMix Draw(SeededRandom chance)
    {
        int Weight(double probability) => chance.Chance(probability) ? chance.Next(1, 8) : 0;
        return new()
        {
            Loss = chance.Chance(0.6) ? chance.NextDouble() * 0.4 : 0,
            Duplication = chance.Chance(0.5) ? chance.NextDouble() * 0.5 : 0,
            Straggling = chance.Chance(0.5) ? chance.NextDouble() * 0.2 : 0,
            LingeringVotes = chance.Chance(0.3) ? chance.NextDouble() * 0.7 : 0,
            DelayMicroseconds = chance.Chance(0.3) ? 20_000 : 1000,
            EveryMicroseconds = chance.Next(10_000, 300_000),
            CrashWeight = Weight(0.6),
            CrashLeaderWeight = Weight(0.5),
            CrashAllWeight = Weight(0.15),
            PartitionWeight = Weight(0.6),
            ClogWeight = Weight(0.4),
            PauseWeight = Weight(0.5),
            DiskWeight = Weight(0.4),
            ChangeWeight = Weight(0.6),
            TransferWeight = Weight(0.4),
            RumourWeight = Weight(0.4),
        };
    }
}
