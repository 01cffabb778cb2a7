using System.Globalization;

namespace Muster.Jobs.Keepers;

/// <summary>A process of this host, told from a later one with the same number by its start time.</summary>
/// <param name="Pid">The kernel's number.</param>
/// <param name="StartTicks">Start time since boot, in clock ticks.</param>
public readonly record struct HostProcess(int Pid, long StartTicks) : IComparable<HostProcess>
{
    /// <inheritdoc/>
    public int CompareTo(HostProcess other) =>
        Pid != other.Pid ? Pid.CompareTo(other.Pid) : StartTicks.CompareTo(other.StartTicks);

    /// <summary><c>pid:ticks</c>, as the tag <c>MUSTER_KEEPER</c> carries it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pid}:{StartTicks}");

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is something else.</summary>
    public static HostProcess? Parse(string? text)
    {
        var parts = (text ?? "").Split(':');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? new HostProcess(pid, ticks)
            : null;
    }
}

/// <summary>A process that the kernel's process table shows, with what its environment says.</summary>
/// <param name="Process">The process.</param>
/// <param name="Parent">Its parent's pid.</param>
/// <param name="Group">Its process group.</param>
/// <param name="Job">Its tag <c>MUSTER_JOB</c>; null: none.</param>
/// <param name="Keeper">Its tag <c>MUSTER_KEEPER</c>; null: none.</param>
/// <param name="Agent">Its tag <c>MUSTER_AGENT</c>; null: none.</param>
/// <param name="KeeperOf">Its tag <c>MUSTER_KEEPER_OF</c>, which only keepers carry; null: none.</param>
public sealed record SeenProcess(
    HostProcess Process, int Parent, int Group, string? Job, HostProcess? Keeper, string? Agent, string? KeeperOf);

/// <summary>Names of the environment variables by which processes of Muster are recognised.</summary>
public static class ProcessTags
{
    /// <summary>The job.</summary>
    public const string Job = "MUSTER_JOB";

    /// <summary>The generation; absent on spare interpreters.</summary>
    public const string Generation = "MUSTER_GENERATION";

    /// <summary>The keeper that started the process, as <see cref="HostProcess.ToString"/> writes it.</summary>
    public const string Keeper = "MUSTER_KEEPER";

    /// <summary>The identity of the agent whose keeper that is: tells two agents on one host apart.</summary>
    public const string Agent = "MUSTER_AGENT";

    /// <summary>On a keeper's own process only: its agent's identity, '/' and the job.</summary>
    public const string KeeperOf = "MUSTER_KEEPER_OF";

    /// <summary>Value of <see cref="KeeperOf"/>.</summary>
    public static string KeeperOfValue(string agent, Primitives.JobId job) => $"{agent}/{job}";
}
