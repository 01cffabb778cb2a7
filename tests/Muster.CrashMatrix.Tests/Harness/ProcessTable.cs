using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Muster.RealRuns;

/// <summary>A process of one test's tree.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="Role">run, server, agent, keeper; rank for everything below a keeper.</param>
/// <param name="Rank">Its rank; -1 where it is none.</param>
/// <param name="Started">Ticks since boot: tells the newer of two.</param>
internal sealed record TestProcess(int Pid, string Role, int Rank, ulong Started);

/// <summary>Finds and kills what belongs to one test, by a mark in the environment that everything inherits.</summary>
internal static class ProcessTable
{
    public const string Mark = "REAL_RUN";
    public const int SigInt = 2, SigKill = 9, SigTerm = 15;
    private static readonly string[] s_roles = ["run", "server", "agent", "keeper"];

    public static List<TestProcess> Of(string mark)
    {
        var wanted = $"{Mark}={mark}";
        var found = new List<TestProcess>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var pid)
                && Words(directory, "environ") is { } environment && environment.Contains(wanted)
                && StartTicks(directory) is { } started)
                found.Add(Describe(pid, started, environment, Words(directory, "cmdline") ?? []));
        }

        return found;
    }

    public static void Signal(TestProcess process, int signal) => _ = kill(process.Pid, signal);

    private static TestProcess Describe(int pid, ulong started, string[] environment, string[] command)
    {
        var rank = environment.FirstOrDefault(word => word.StartsWith("RANK=", StringComparison.Ordinal));
        if (rank is not null)
            return new(pid, "rank", int.Parse(rank.AsSpan(5), CultureInfo.InvariantCulture), started);
        var role = command.FirstOrDefault(word => s_roles.Contains(word));
        return new(pid, role ?? "other", -1, started);
    }

    private static string[]? Words(string directory, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(directory, file))).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;      // it has just ended
        }
    }

    /// <summary>Start time; null for what is dead already and only waits for its parent to notice.</summary>
    private static ulong? StartTicks(string directory)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(directory, "stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : ulong.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    [DllImport("libc")]
    private static extern int kill(int pid, int signal);
}
