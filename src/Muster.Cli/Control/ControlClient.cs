using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Muster.Codecs.Control;
using Muster.Network.Http1;

namespace Muster.Cli.Control;

/// <summary>Speaks to a server over its control socket; docs/control-api.md says what can be asked.</summary>
internal sealed class ControlClient(string socket)
{
    private const int LineBytesMax = 16 << 20;

    private readonly string _address = "unix:" + socket;

    public Task<SubmitReply> SubmitAsync(JobSubmission request, CancellationToken cancel) =>
        AskAsync("POST", "/v1/jobs", Bytes(request, ControlJson.Default.JobSubmission), ControlJson.Default.SubmitReply, cancel);

    public Task<JobList> ListAsync(CancellationToken cancel) => GetAsync("/v1/jobs", ControlJson.Default.JobList, cancel);

    public Task<JobReport> StatusAsync(string job, CancellationToken cancel) =>
        GetAsync($"/v1/jobs/{job}", ControlJson.Default.JobReport, cancel);

    public Task<EventList> EventsAsync(string job, CancellationToken cancel) =>
        GetAsync($"/v1/jobs/{job}/events", ControlJson.Default.EventList, cancel);

    public Task<WhyReply> WhyAsync(string job, CancellationToken cancel) =>
        GetAsync($"/v1/jobs/{job}/why", ControlJson.Default.WhyReply, cancel);

    public Task<CheckpointList> CheckpointsAsync(string job, CancellationToken cancel) =>
        GetAsync($"/v1/jobs/{job}/checkpoints", ControlJson.Default.CheckpointList, cancel);

    public Task<ControlReply> StopAsync(string job, StopRequest request, CancellationToken cancel) => AskAsync(
        "POST", $"/v1/jobs/{job}/stop", Bytes(request, ControlJson.Default.StopRequest), ControlJson.Default.ControlReply, cancel);

    public Task<ControlReply> ChangeCheckpointAsync(string job, string checkpoint, string change, CancellationToken cancel) => AskAsync(
        "POST", $"/v1/jobs/{job}/checkpoints/{checkpoint}/{change}", default, ControlJson.Default.ControlReply, cancel);

    public Task<ControlReply> RemoveAsync(string job, CancellationToken cancel) =>
        AskAsync("DELETE", $"/v1/jobs/{job}", default, ControlJson.Default.ControlReply, cancel);

    /// <summary>Reports of a job as it changes, until the caller stops or the server goes away.</summary>
    /// <param name="job">Which.</param>
    /// <param name="after">Number of the last event that is known.</param>
    /// <param name="report">Receives each report.</param>
    /// <param name="cancel">Stops.</param>
    public async Task WatchAsync(string job, long after, Action<JobReport> report, CancellationToken cancel)
    {
        using var answer = await HttpCaller.SendAsync(_address, "GET", $"/v1/jobs/{job}/watch?after={after}", default, cancel);
        await ThrowIfRefusedAsync(answer, cancel);
        while (await answer.Body.ReadLineAsync(LineBytesMax, cancel) is { } line)
        {
            if (line.Length > 0)
                report(Parse(line, ControlJson.Default.JobReport));
        }
    }

    private Task<T> GetAsync<T>(string target, JsonTypeInfo<T> type, CancellationToken cancel) => AskAsync("GET", target, default, type, cancel);

    private async Task<T> AskAsync<T>(
        string method, string target, ReadOnlyMemory<byte> body, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var answer = await HttpCaller.SendAsync(_address, method, target, body, cancel);
        await ThrowIfRefusedAsync(answer, cancel);
        return Parse(await answer.Body.ReadToEndAsync(cancel), type);
    }

    private static async Task ThrowIfRefusedAsync(HttpAnswer answer, CancellationToken cancel)
    {
        if (answer.Status < 300)
            return;
        var text = await answer.ReadTextAsync(cancel);
        throw new CliException(answer.Status == 404 ? ExitCode.Usage : answer.Status < 500 ? ExitCode.Refused : ExitCode.Infrastructure, ErrorOf(text));
    }

    private static string ErrorOf(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.GetProperty("error").GetString() ?? text;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return text;
        }
    }

    private static T Parse<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException("the server sent null");

    private static byte[] Bytes<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);
}
