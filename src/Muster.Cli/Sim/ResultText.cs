using System.Globalization;
using System.Text;
using System.Text.Json;
using Muster.Scheduling.Simulating;

namespace Muster.Cli.Sim;

/// <summary>A run's result as JSON, CSV or a few lines.</summary>
internal static class ResultText
{
    public static string Json(SimulationResult result)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("policy", result.Policy);
            json.WriteStartArray("jobs");
            foreach (var job in result.Jobs)
                Write(json, job);
            json.WriteEndArray();
            WriteNumber(json, "average_jct_s", Honest(result));
            json.WriteNumber("utilization", result.Utilization);
            json.WriteNumber("rounds", result.Rounds);
            json.WriteString("verdict", result.Verdict.Word);
            json.WriteString("verdict_text", result.Verdict.Text);
            WriteNumber(json, "average_jct_of_completed_s", result.AverageJctSeconds);
            json.WriteStartArray("window");
            json.WriteNumberValue(result.First);
            json.WriteNumberValue(result.Last);
            json.WriteEndArray();
            json.WriteNumber("unfinished", result.Unfinished);
            json.WriteNumber("given_up", result.Window.Count(job => job.GaveUp));
            WriteNumber(json, "last_completion_s", result.LastCompletionSeconds);
            json.WriteNumber("end_s", result.EndSeconds);
            json.WriteNumber("allocations", result.Allocations);
            json.WriteNumber("lease_extensions", result.LeaseExtensions);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>The average of a run that finished; a run that did not has none. Jobs given up are left out and counted beside.</summary>
    public static double? Honest(SimulationResult result) => result.Verdict is Verdict.Finished ? result.AverageJctSeconds : null;

    public static string Csv(SimulationResult result)
    {
        var text = new StringBuilder("id,model,scale_factor,arrival_s,first_placed_s,completion_s,jct_s,steps_run,run_s\n");
        foreach (var job in result.Jobs)
            text.Append(CultureInfo.InvariantCulture,
                $"{job.Id},{(job.Model.Contains(',') ? $"\"{job.Model}\"" : job.Model)},{job.ScaleFactor},{job.ArrivalSeconds:R},{job.FirstPlacedSeconds:R},{job.CompletionSeconds:R},{job.JctSeconds:R},{job.StepsRun:R},{job.RunSeconds:R}\n");
        return text.ToString();
    }

    public static IEnumerable<string> Lines(SimulationResult result)
    {
        var verdict = result.Verdict is Verdict.Finished ? Show.Style.Green(result.Verdict.Word) : Show.Style.Red(result.Verdict.Word);
        yield return $"{Show.Style.Bold(result.Policy)}  {verdict}{(result.Verdict is Verdict.Finished ? "" : $": {result.Verdict.Text}")}";
        var window = result.Window.ToArray();
        var done = window.Where(job => job.JctSeconds is not null).Select(job => job.JctSeconds!.Value).Order().ToArray();
        yield return Honest(result) is { } average
            ? Invariant($"  average JCT   {average / 3600:F2} h over jobs {result.First} to {result.Last - 1}{(result.Unfinished > 0 ? $", {result.Unfinished} given up and left out" : "")}")
            : Invariant($"  average JCT   none: {result.Unfinished} of {result.Last - result.First} jobs of the window did not end");
        if (done.Length > 0)
            yield return Invariant($"  JCT           median {done[done.Length / 2] / 3600:F2} h, 90 % within {done[(int)(done.Length * 0.9)] / 3600:F2} h, longest {done[^1] / 3600:F2} h");
        yield return Invariant($"  utilisation   {result.Utilization:P1} of GPU time");
        yield return Invariant($"  rounds        {result.Rounds}, {result.Allocations} allocations, {result.LeaseExtensions:P0} of placements kept");
        yield return Invariant($"  simulated     {result.EndSeconds / 3600:F1} h, {result.Jobs.Count} jobs");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Write(Utf8JsonWriter json, JobOutcome job)
    {
        json.WriteStartObject();
        json.WriteNumber("id", job.Id);
        json.WriteNumber("arrival_s", job.ArrivalSeconds);
        WriteNumber(json, "completion_s", job.CompletionSeconds);
        WriteNumber(json, "jct_s", job.JctSeconds);
        json.WriteNumber("scale_factor", job.ScaleFactor);
        json.WriteString("model", job.Model);
        WriteNumber(json, "first_placed_s", job.FirstPlacedSeconds);
        json.WriteNumber("steps_run", job.StepsRun);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
