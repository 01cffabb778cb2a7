using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Muster.Codecs;
using Muster.Codecs.Control;
using Muster.Jobs.Coordinator;
using Muster.Network.Http1;
using Muster.Server.Coordination;
using Muster.Stores;

namespace Muster.Server.Control;

/// <summary>The control API: plain HTTP with JSON over a Unix socket; docs/control-api.md.</summary>
/// <remarks>It reads views and writes wishes into the store. What comes of a wish is the coordinator's to decide.</remarks>
public sealed class ControlServer : IDisposable
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_tellEvery = TimeSpan.FromSeconds(5);

    private readonly CoordinatorLoop _coordinator;
    private readonly JobWishes _requests;
    private HttpServer? _http;

    private ControlServer(CoordinatorLoop coordinator, JobWishes requests) => (_coordinator, _requests) = (coordinator, requests);

    /// <summary>Serves an address until disposed.</summary>
    /// <param name="address">Such as <c>unix:PATH</c>.</param>
    /// <param name="coordinator">Whose jobs.</param>
    /// <param name="requests">Writes wishes into the store.</param>
    /// <param name="failed">Receives what no answer can carry: the process's top.</param>
    public static ControlServer Listen(string address, CoordinatorLoop coordinator, JobWishes requests, Action<Exception> failed)
    {
        var server = new ControlServer(coordinator, requests);
        var routes = new HttpRoutes()
            .Map("GET", "/v1/jobs", x => server.AnswerAsync(x, r => new JobList([.. r.All.Select(j => j.View)]), ControlJson.Default.JobList))
            .Map("POST", "/v1/jobs", server.SubmitAsync, HttpBody.Required)
            .Map("GET", "/v1/jobs/{job}", x => server.AnswerAsync(x, r => r.Report(Job(x), long.MaxValue), ControlJson.Default.JobReport))
            .Map("DELETE", "/v1/jobs/{job}", x => server.ChangeAsync(x, requests.RemoveAsync(Job(x))))
            .Map("GET", "/v1/jobs/{job}/watch", server.WatchAsync)
            .Map("GET", "/v1/jobs/{job}/events", x => server.AnswerAsync(x, r => r.Events(Job(x)), ControlJson.Default.EventList))
            .Map("GET", "/v1/jobs/{job}/why", x => server.AnswerAsync(x, r => r.Why(Job(x)), ControlJson.Default.WhyReply))
            .Map("POST", "/v1/jobs/{job}/stop", server.StopAsync, HttpBody.Required)
            .Map("POST", "/v1/jobs/{job}/checkpoint", x => server.ChangeAsync(x, requests.AskCheckpointAsync(Job(x))))
            .Map("GET", "/v1/jobs/{job}/checkpoints",
                x => server.AnswerAsync(x, r => r.Checkpoints(Job(x)), ControlJson.Default.CheckpointList))
            .Map("POST", "/v1/jobs/{job}/checkpoints/{name}/{change}",
                x => server.ChangeAsync(x, requests.ChangeCheckpointAsync(Job(x), x.Parameters["name"], x.Parameters["change"])));
        server._http = HttpServer.Listen(address, routes.HandleAsync, (_, failure) => failed(failure));
        return server;
    }

    /// <inheritdoc/>
    public void Dispose() => _http?.Dispose();

    private static string Job(HttpExchange exchange) => exchange.Parameters["job"];

    private Task<JobReports> ReportsAsync() => _coordinator.AskAsync(core =>
    {
        if (core is null || core.Listing.At == Primitives.Revision.None)
            throw new HttpRefusedException(503, $"this server does not lead yet{_coordinator.WaitsFor}; ask again");
        return new JobReports(core.Listing, [.. core.Nodes.Select(core.Snapshot).OfType<Jobs.Nodes.NodeSnapshot>()]);
    });

    private async Task AnswerAsync<T>(HttpExchange exchange, Func<JobReports, T?> read, JsonTypeInfo<T> type)
        where T : class
    {
        var found = read(await ReportsAsync()) ?? throw NoSuchJob(exchange);
        await exchange.RespondJsonAsync(200, JsonSerializer.SerializeToUtf8Bytes(found, type));
    }

    private async Task SubmitAsync(HttpExchange exchange)
    {
        var request = await ReadAsync(exchange, ControlBodies.DecodeSubmission);
        var reply = await WrittenAsync(_requests.SubmitAsync(request));
        var view = (await ReportsAsync()).Report(request.Specification.Name.Name, long.MaxValue)?.View;
        await exchange.RespondJsonAsync(200, JsonSerializer.SerializeToUtf8Bytes(reply with { View = view }, ControlJson.Default.SubmitReply));
    }

    private async Task StopAsync(HttpExchange exchange)
    {
        var request = await ReadAsync(exchange, ControlBodies.DecodeStop);
        await ChangeAsync(exchange, _requests.StopAsync(Job(exchange), request));
    }

    private async Task ChangeAsync(HttpExchange exchange, Task<ControlReply> change) =>
        await exchange.RespondJsonAsync(200, JsonSerializer.SerializeToUtf8Bytes(await WrittenAsync(change), ControlJson.Default.ControlReply));

    /// <summary>A wish that the store did not answer may have been written: whoever wished looks, or wishes again.</summary>
    private static async Task<T> WrittenAsync<T>(Task<T> wish)
    {
        try
        {
            return await wish;
        }
        catch (StoreUnavailableException away)
        {
            throw new HttpRefusedException(503, away.Message);
        }
    }

    /// <summary>One report a line: at once, at each change, and now and then.</summary>
    private async Task WatchAsync(HttpExchange exchange)
    {
        var after = long.TryParse(exchange.QueryValue("after"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        if ((await ReportsAsync()).Report(Job(exchange), after) is null)
            throw NoSuchJob(exchange);
        await exchange.StartStreamAsync(200, "application/x-ndjson");
        byte[] told = [];
        var toldAt = TimeProvider.System.GetTimestamp();
        while (!exchange.Aborted.IsCancellationRequested)
        {
            if ((await ReportsAsync()).Report(Job(exchange), after) is not { } report)
                return;
            var line = JsonSerializer.SerializeToUtf8Bytes(report, ControlJson.Default.JobReport);
            if (!line.AsSpan().SequenceEqual(told) || TimeProvider.System.GetElapsedTime(toldAt) > s_tellEvery)
            {
                await exchange.WriteAsync((byte[])[.. line, (byte)'\n']);
                (told, toldAt) = (line, TimeProvider.System.GetTimestamp());
                after = report.Events.IsEmpty ? after : report.Events[^1].Sequence;
            }

            await Task.Delay(s_lookEvery, TimeProvider.System);
        }
    }

    private static HttpRefusedException NoSuchJob(HttpExchange exchange) => new(404, $"there is no job '{Job(exchange)}' here");

    private static async Task<T> ReadAsync<T>(HttpExchange exchange, Func<ReadOnlyMemory<byte>, T> decode)
    {
        try
        {
            return decode(await exchange.Body.ReadToEndAsync());
        }
        catch (CodecException malformed)
        {
            throw new HttpRefusedException(400, $"the body is not what is asked for: {malformed.Message}");
        }
    }
}
