using System.Globalization;
using Muster.Scheduling;
using Muster.Scheduling.Clusters;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Throughputs;
using Muster.Scheduling.Traces;

namespace Muster.Cli.Sim;

/// <summary>Reads what people write for a simulation; what is wrong ends the command with the place named.</summary>
internal static class SimInput
{
    public static SimSetting Setting(
        string cluster, string round, string kind, string? window, string? throughputs, string? trace, int stuckRounds, bool wholeServers, string? policySeed)
    {
        try
        {
            var table = Table(throughputs);
            var jobs = trace is null ? null : Trace(trace);
            var (first, last) = Window(window, jobs);
            var shape = ClusterShape.Parse(cluster);
            table.For(shape);
            return new SimSetting(
                shape, table, new MechanismOptions(Seconds(round, "--round"), KeepServersWhole: wholeServers).Checked(), MultiGpu(kind), first, last, jobs,
                trace is null ? null : Path.GetFileName(trace),
                stuckRounds > 0 ? stuckRounds : throw new SchedulingInputException($"--stuck-rounds {stuckRounds}: choose 1 or more"),
                policySeed is null ? null : Seed(policySeed, "--policy-seed"));
        }
        catch (SchedulingInputException e)
        {
            throw new CliException(ExitCode.Usage, e.Message);
        }
    }

    public static ThroughputTable Table(string? file) => file is null ? BuiltInThroughputs.Create() : ThroughputJson.Read(Bytes(file), file);

    public static IReadOnlyList<TraceJob> Trace(string file)
    {
        var text = System.Text.Encoding.UTF8.GetString(Bytes(file));
        var jobs = file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? TraceCsv.Read(text, file) : GavelTrace.Read(text, file);
        return jobs.Count > 0 ? jobs : throw new SchedulingInputException(file, 1, 1, "the trace has no jobs");
    }

    public static byte[] Bytes(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"cannot read {file}: {e.Message}");
        }
    }

    /// <summary>Reads <c>1.5/h</c>, <c>36/d</c>, or a number of jobs per hour.</summary>
    public static double Rate(string text)
    {
        var slash = text.IndexOf('/');
        var perHour = (slash < 0 ? "h" : text[(slash + 1)..]) switch
        {
            "s" => 3600.0, "m" => 60.0, "h" => 1.0, "d" => 1 / 24.0, _ => 0,
        };
        return perHour > 0 && double.TryParse(slash < 0 ? text : text[..slash], NumberStyles.Float, CultureInfo.InvariantCulture, out var count)
            && count > 0 && double.IsFinite(count) ? count * perHour
            : throw new CliException(ExitCode.Usage, $"--rate '{text}': write jobs per hour such as 1.5/h");
    }

    public static uint Seed(string text, string option) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed
        : throw new CliException(ExitCode.Usage, $"{option} '{text}': a seed is a whole number from 0 to {uint.MaxValue}");

    /// <summary>Reads <c>0..9</c>, <c>0,1,5</c>, or one seed.</summary>
    public static uint[] Seeds(string text)
    {
        var found = new List<uint>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split("..");
            var (low, high) = (Seed(ends[0], "--seeds"), Seed(ends[^1], "--seeds"));
            if (ends.Length > 2 || high < low || high - low > 100_000)
                throw new CliException(ExitCode.Usage, $"--seeds '{part}': write 0..9 or 0,1,5");
            for (var seed = low; ; seed++)
            {
                found.Add(seed);
                if (seed == high)
                    break;
            }
        }

        return [.. found.Distinct()];
    }

    public static bool MultiGpu(string kind) => kind switch
    {
        "single" => false, "multi" => true,
        _ => throw new CliException(ExitCode.Usage, $"--kind '{kind}': choose single or multi"),
    };

    private static double Seconds(string text, string option)
    {
        var unit = text.TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.');
        var factor = unit switch
        {
            "" or "s" => 1.0, "m" => 60, "h" => 3600, "d" => 86400, _ => 0,
        };
        return factor > 0 && double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? value * factor : throw new SchedulingInputException($"{option} '{text}': write a duration such as 360s or 6m");
    }

    private static (int First, int? Last) Window(string? text, IReadOnlyList<TraceJob>? trace)
    {
        if (text is null)
            return (0, trace is null ? 200 : null);
        var colon = text.IndexOf(':');
        if (colon > 0 && int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var last) && first < last)
            return trace is not null && last > trace.Count
                ? throw new SchedulingInputException($"--window {text}: the trace has {trace.Count} jobs") : (first, last);
        throw new SchedulingInputException($"--window '{text}': write FIRST:LAST with FIRST < LAST, such as 4000:5000");
    }
}
