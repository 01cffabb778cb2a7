using System.Globalization;

namespace Muster.Worker.Collectives;

/// <summary>Which ranks form a group, and where they meet: what the launcher decided for one generation.</summary>
/// <param name="Rank">This process, 0 ≤ rank &lt; world size.</param>
/// <param name="WorldSize">How many ranks there are, 1 to <see cref="CollectiveOptions.WorldSizeMax"/>.</param>
/// <param name="Generation">The number of the formed world; ranks of different generations never form a group.</param>
/// <param name="MasterAddress">Host name or address of rank 0.</param>
/// <param name="MasterPort">TCP port on which rank 0 holds the meeting.</param>
/// <param name="JobName">The job; ranks of different jobs never form a group.</param>
public sealed record CollectiveMembership(
    int Rank, int WorldSize, long Generation, string MasterAddress, int MasterPort, string JobName)
{
    /// <summary>Reads RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT, MUSTER_GENERATION (else TORCHELASTIC_RESTART_COUNT,
    /// else 0) and MUSTER_JOB (else empty), as <c>muster run</c> and torchrun set them.</summary>
    /// <returns>The membership; rank 0 of 1 when neither RANK nor WORLD_SIZE is set.</returns>
    /// <exception cref="InvalidOperationException">A variable is missing or not a number in range; the text names it.</exception>
    public static CollectiveMembership FromEnvironment() => From(Environment.GetEnvironmentVariable);

    internal static CollectiveMembership From(Func<string, string?> variable)
    {
        var generation = variable("MUSTER_GENERATION") is { Length: > 0 }
            ? Number(variable, "MUSTER_GENERATION", 0, long.MaxValue)
            : variable("TORCHELASTIC_RESTART_COUNT") is { Length: > 0 }
                ? Number(variable, "TORCHELASTIC_RESTART_COUNT", 0, long.MaxValue)
                : 0;
        var job = variable("MUSTER_JOB") ?? "";
        if (string.IsNullOrEmpty(variable("RANK")) && string.IsNullOrEmpty(variable("WORLD_SIZE")))
            return new CollectiveMembership(0, 1, generation, "127.0.0.1", 0, job);

        var worldSize = (int)Number(variable, "WORLD_SIZE", 1, CollectiveOptions.WorldSizeMax);
        var rank = (int)Number(variable, "RANK", 0, worldSize - 1);
        if (worldSize == 1)
            return new CollectiveMembership(0, 1, generation, variable("MASTER_ADDR") ?? "127.0.0.1", 0, job);
        return new CollectiveMembership(rank, worldSize, generation, Text(variable, "MASTER_ADDR"),
            (int)Number(variable, "MASTER_PORT", 1, 65535), job);
    }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(WorldSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(WorldSize, CollectiveOptions.WorldSizeMax);
        ArgumentOutOfRangeException.ThrowIfNegative(Rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Rank, WorldSize);
        ArgumentNullException.ThrowIfNull(JobName);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(JobName.Length, MeetingLimits.NameCharsMax);
        if (WorldSize == 1)
            return;
        ArgumentException.ThrowIfNullOrEmpty(MasterAddress);
        ArgumentOutOfRangeException.ThrowIfLessThan(MasterPort, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MasterPort, 65535);
    }

    private static string Text(Func<string, string?> variable, string name) => variable(name) is { Length: > 0 } text
        ? text
        : throw new InvalidOperationException(
            $"The environment variable {name} is not set. Start the program with 'muster run' or torchrun, or set it by hand.");

    private static long Number(Func<string, string?> variable, string name, long min, long max)
    {
        var text = Text(variable, name);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max
                ? number
                : throw new InvalidOperationException(
                    $"The environment variable {name} is '{text}'; it must be a whole number from {min} to {max}.");
    }
}
