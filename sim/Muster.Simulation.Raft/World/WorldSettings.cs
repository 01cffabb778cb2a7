using Muster.Primitives;
using Muster.Raft;

namespace Muster.Simulation.Raft;

/// <summary>What a run is like: drawn from its seed, so that each explores another corner.</summary>
internal sealed record WorldSettings
{
    public int Voters { get; init; } = 3;

    public int TickMicroseconds { get; init; } = 10_000;

    public int ElectionTicks { get; init; } = 10;

    public int HeartbeatTicks { get; init; } = 2;

    public bool PreVote { get; init; } = true;

    public bool CheckQuorum { get; init; } = true;

    public ReadMode Reads { get; init; } = ReadMode.Quorum;

    public StorageMode Storage { get; init; } = StorageMode.Pipelined;

    /// <summary>How far clocks run apart, as a ratio: 0.1 is ten per cent.</summary>
    public double Drift { get; init; }

    /// <summary>Typical time of a sync, as long as there are faults.</summary>
    public int DiskMicroseconds { get; init; } = 500;

    public int DownMicroseconds { get; init; } = 500_000;

    public int SnapshotEvery { get; init; } = 100;

    public bool DrainsAtOnce { get; init; }

    /// <summary>Everyone waits equally long: shows why timeouts are drawn.</summary>
    public bool FixedTimeouts { get; init; }

    public RaftLimits Limits { get; init; } = new();

    public double ClockRate(SeededRandom chance) => 1 + Drift * (chance.NextDouble() - 0.5);

    public RaftOptions Options(MemberId id) => new()
    {
        Id = id,
        ElectionTicks = ElectionTicks,
        HeartbeatTicks = HeartbeatTicks,
        PreVote = PreVote,
        CheckQuorum = CheckQuorum,
        Reads = Reads,
        // A timer may be late by half a tick, and then two of them lie closer together: that is what the two ticks are for.
        Lease = (ElectionTicks - 2) * TimeSpan.FromMicroseconds(TickMicroseconds) * (1 - Drift),
        Storage = Storage,
        PromotionLagMax = 50,
        Limits = Limits,
    };

    public static WorldSettings Draw(SeededRandom chance)
    {
        var drawn = DrawWithoutLease(chance);
        return drawn.CheckQuorum && chance.Chance(0.4) ? drawn with { Reads = ReadMode.Lease } : drawn;
    }

    private static WorldSettings DrawWithoutLease(SeededRandom chance) => new()
    {
        Voters = chance.Next(3, 8),
        ElectionTicks = chance.Next(6, 20),
        HeartbeatTicks = chance.Next(1, 4),
        PreVote = chance.Chance(0.8),
        CheckQuorum = chance.Chance(0.8),
        Storage = chance.Chance(0.85) ? StorageMode.Pipelined : StorageMode.Synchronous,
        Drift = chance.Chance(0.3) ? 0 : chance.NextDouble() * 0.2,
        DiskMicroseconds = chance.Chance(0.3) ? 20_000 : 800,
        DownMicroseconds = chance.Next(3) switch { 0 => 5_000, 1 => 100_000, _ => 1_000_000 },
        SnapshotEvery = chance.Next(5, 120),
        DrainsAtOnce = chance.Chance(0.4),
        Limits = chance.Chance(0.5) ? new RaftLimits() : new RaftLimits
        {
            AppendBytesMax = chance.Next(30, 400),
            InflightMessagesMax = chance.Next(1, 6),
            InflightBytesMax = chance.Next(60, 2000),
            AppliedBytesPerReadyMax = chance.Next(30, 400),
            UndecidedBytesMax = chance.Next(500, 5000),
        },
    };
}
