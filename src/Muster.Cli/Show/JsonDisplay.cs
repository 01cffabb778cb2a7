using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Codecs.Control;
using Muster.Jobs.Views;

namespace Muster.Cli.Show;

/// <summary>For programs: one JSON object a line for each event; the last line is the result.</summary>
internal sealed class JsonDisplay(TextWriter output, string job) : IRunDisplay
{
    public void Note(string text) => Write(JsonSerializer.Serialize(new NoteLine(text), RunJson.Default.NoteLine));

    public void Output(int rank, string line)
    {
    }

    public void Report(JobReport report, TimeSpan running)
    {
        foreach (var decision in report.Events)
            Write(JsonSerializer.Serialize(new EventLine(decision), RunJson.Default.EventLine));
    }

    public void End(JobView? view, TimeSpan running)
    {
        var result = new RunResult(
            job,
            view is null ? "unknown" : JobText.Phase(view.Phase),
            view?.Reason,
            view?.Generations ?? 0,
            [.. (view?.Restarts ?? []).Select(restart => new RunRestart(
                restart.Reason, restart.Rank?.Number, restart.At?.Number, restart.Generation.Number, restart.Detail))],
            view?.LastCheckpoint?.Step.Number,
            Math.Round(running.TotalSeconds, 3));
        Write(JsonSerializer.Serialize(result, RunJson.Default.RunResult));
    }

    private void Write(string line)
    {
        output.WriteLine(line);
        output.Flush();
    }
}

internal sealed record NoteLine(string Note);

internal sealed record EventLine(JobEvent Event);

internal sealed record RunRestart(string Reason, int? Rank, long? At, long Generation, string Detail);

internal sealed record RunResult(
    string Job, string State, string? Reason, long Generations, ImmutableArray<RunRestart> Restarts, long? LastCheckpoint, double Seconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(NoteLine))]
[JsonSerializable(typeof(EventLine))]
[JsonSerializable(typeof(RunResult))]
internal sealed partial class RunJson : JsonSerializerContext;
