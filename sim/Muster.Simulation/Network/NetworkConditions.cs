namespace Muster.Simulation.Network;

/// <summary>How the network between two hosts treats what is sent.</summary>
public sealed record NetworkConditions
{
    /// <summary>A healthy local network.</summary>
    public static NetworkConditions Healthy { get; } = new();

    /// <summary>Shortest way one way; default 100 µs.</summary>
    public TimeSpan DelayMin { get; init; } = TimeSpan.FromMicroseconds(100);

    /// <summary>Longest way one way; default 2 ms. Frames of one link keep their order.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Chance, per frame, that the link breaks: the frame and what follows are lost and both ends are told.</summary>
    public double BreakChance { get; init; }

    /// <summary>Chance, per frame, that this direction of the link swallows it and all that follows, telling nobody.</summary>
    public double BlackHoleChance { get; init; }

    /// <summary>How long a sender's kernel tries before it gives a link up; default 15 s.</summary>
    public TimeSpan GivesUpAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Between processes of one host: quick, and never at fault.</summary>
    public static NetworkConditions SameHost { get; } = new()
    {
        DelayMin = TimeSpan.FromMicroseconds(10),
        DelayMax = TimeSpan.FromMicroseconds(100),
    };
}
