using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Scheduling.Simulating;

namespace Muster.Cli.Sim;

/// <summary>What a sweep keeps of one run: a line of runs.jsonl.</summary>
/// <param name="Setting">The setting in words; a run is taken over only where it is equal.</param>
/// <param name="Policy">Canonical name.</param>
/// <param name="JobsPerHour">Rate of arrival.</param>
/// <param name="Seed">The workload's seed.</param>
/// <param name="Verdict">finished, stuck or overloaded.</param>
/// <param name="VerdictText">Why.</param>
/// <param name="AverageJctS">Null where the run did not finish.</param>
/// <param name="Unfinished">Jobs of the window without a completion.</param>
/// <param name="Utilization">In [0, 1].</param>
/// <param name="Rounds">Rounds made.</param>
/// <param name="EndS">Simulated seconds.</param>
/// <param name="WallMs">Time the computer took.</param>
/// <param name="JctQuantilesS">JCT that 0, 1, …, 100 % of the completed jobs do not exceed.</param>
internal sealed record SweepRow(
    string Setting, string Policy, double JobsPerHour, uint Seed, string Verdict, string VerdictText, double? AverageJctS, int Unfinished,
    double Utilization, long Rounds, double EndS, double WallMs, double[] JctQuantilesS)
{
    public static SweepRow Of(string setting, double rate, uint seed, SimulationResult result, TimeSpan wall)
    {
        var jcts = result.Window.Where(job => job.JctSeconds is not null).Select(job => job.JctSeconds!.Value).Order().ToArray();
        double[] quantiles = jcts.Length == 0 ? [] : [.. Enumerable.Range(0, 101).Select(part => jcts[(jcts.Length - 1) * part / 100])];
        return new SweepRow(
            setting, result.Policy, rate, seed, result.Verdict.Word, result.Verdict.Text, ResultText.Honest(result), result.Unfinished,
            result.Utilization, result.Rounds, result.EndSeconds, wall.TotalMilliseconds, quantiles);
    }

    public string Line() => JsonSerializer.Serialize(this, SweepJson.Default.SweepRow);

    /// <summary>The runs of a file; a line cut off by a crash is run again.</summary>
    public static IEnumerable<SweepRow> Read(string file)
    {
        foreach (var line in File.Exists(file) ? File.ReadLines(file) : [])
        {
            SweepRow? row = null;
            try
            {
                row = JsonSerializer.Deserialize(line, SweepJson.Default.SweepRow);
            }
            catch (JsonException)
            {
                // Cut off: the run is made again.
            }

            if (row is not null)
                yield return row;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SweepRow))]
internal sealed partial class SweepJson : JsonSerializerContext;
