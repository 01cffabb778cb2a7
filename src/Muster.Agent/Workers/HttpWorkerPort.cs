using System.Globalization;
using Muster.Codecs;
using Muster.Codecs.Nodes;
using Muster.Jobs.Keepers;
using Muster.Network.Http1;
using Muster.Primitives;

namespace Muster.Agent.Workers;

/// <summary>The worker API (docs/worker-api.md) over HTTP on one Unix socket for each rank.</summary>
/// <remarks>Runs on the thread pool and posts to the keeper's inbox. Used from the keeper's loop.</remarks>
public sealed class HttpWorkerPort : IWorkerPort, IDisposable
{
    private static readonly HttpServerLimits s_limits = HttpServerLimits.Default with { BodyBytesMax = 64 * 1024 };

    private readonly Lock _gate = new();
    private readonly Dictionary<string, RankSocket> _sockets = [];
    private readonly Dictionary<ExchangeId, TaskCompletionSource<WorkerAnswer>> _waiting = [];
    private readonly Action<string, Exception> _failed;
    private readonly FreePort _ports = new(Environment.ProcessId);
    private long _exchanges;

    /// <summary>A port that listens nowhere yet.</summary>
    /// <param name="failed">Receives what is wrong with ourselves: the process's top, which ends the process.</param>
    public HttpWorkerPort(Action<string, Exception> failed) => _failed = failed;

    /// <inheritdoc/>
    public int FindFreePort() => _ports.Find();

    /// <inheritdoc/>
    public void Open(string path, IWorkerEvents events)
    {
        ArgumentNullException.ThrowIfNull(path);
        var socket = new RankSocket(this, events);
        socket.Server = HttpServer.Listen($"unix:{path}", socket.Routes().HandleAsync, _failed, s_limits);
        lock (_gate)
            _sockets[path] = socket;
    }

    /// <inheritdoc/>
    public void Close(string path)
    {
        RankSocket? socket;
        lock (_gate)
            _sockets.Remove(path, out socket);
        socket?.Close();
    }

    /// <inheritdoc/>
    public void Wish(string path, WorkerWish wish)
    {
        lock (_gate)
            if (_sockets.TryGetValue(path, out var socket))
                socket.Wishes.Set(wish);
    }

    /// <inheritdoc/>
    public void Answer(ExchangeId exchange, WorkerAnswer answer)
    {
        TaskCompletionSource<WorkerAnswer>? waiting;
        lock (_gate)
            _waiting.Remove(exchange, out waiting);
        waiting?.TrySetResult(answer);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var socket in _sockets.Values)
                socket.Close();
            _sockets.Clear();
        }
    }

    private (ExchangeId Id, Task<WorkerAnswer> Answer) NewExchange()
    {
        var waiting = new TaskCompletionSource<WorkerAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            var id = new ExchangeId(++_exchanges);
            _waiting[id] = waiting;
            return (id, waiting.Task);
        }
    }

    /// <summary>One rank's socket.</summary>
#pragma warning disable CA1001 // The source has neither timer nor wait handle: there is nothing to dispose of.
    private sealed class RankSocket(HttpWorkerPort port, IWorkerEvents events)
#pragma warning restore CA1001
    {
        private static readonly TimeSpan s_repeatEvery = TimeSpan.FromSeconds(10);

        private readonly CancellationTokenSource _closed = new();

        public HttpServer? Server { get; set; }

        public LatestWish Wishes { get; } = new();

        public HttpRoutes Routes() => new HttpRoutes()
            .Map("POST", "/v1/join", exchange => AskAsync(exchange, WorkerApi.DecodeJoin))
            .Map("GET", "/v1/run", exchange => AskAsync(exchange, _ => new WorkerRequest.Describe()))
            .Map("POST", "/v1/reports", ReportsAsync, HttpBody.Stream)
            .Map("GET", "/v1/requests", WishesAsync)
            .Map("POST", "/v1/checkpoints", exchange => AskAsync(exchange, WorkerApi.DecodeBegin))
            .Map("POST", "/v1/checkpoints/{step}/done", exchange => AskAsync(exchange, _ => new WorkerRequest.FinishCheckpoint(StepOf(exchange))))
            .Map("DELETE", "/v1/checkpoints/{step}", exchange => AskAsync(exchange, _ => new WorkerRequest.AbandonCheckpoint(StepOf(exchange))))
            .Map("GET", "/v1/shards", exchange => AskAsync(exchange, _ => new WorkerRequest.ListShards()));

        public void Close()
        {
            _closed.Cancel();
            Server?.Dispose();
        }

        private static TrainingStep StepOf(HttpExchange exchange) =>
            long.TryParse(exchange.Parameters["step"], NumberStyles.None, CultureInfo.InvariantCulture, out var step)
                ? new TrainingStep(step)
                : throw new HttpRefusedException(400, $"'{exchange.Parameters["step"]}' is not a step; a count of steps is expected");

        private async Task AskAsync(HttpExchange exchange, Func<ReadOnlyMemory<byte>, WorkerRequest> decode)
        {
            WorkerRequest request;
            try
            {
                request = decode(await exchange.Body.ReadToEndAsync());
            }
            catch (CodecException malformed)
            {
                throw new HttpRefusedException(400, malformed.Message);
            }

            var (id, answer) = port.NewExchange();
            events.Asked(id, request);
            await using var gone = exchange.Aborted.Register(() => Abort(id));
            await using var closed = _closed.Token.Register(() => Abort(id));
            var (status, body) = WorkerApi.Encode(await answer);
            await exchange.RespondJsonAsync(status, body);
        }

        private void Abort(ExchangeId id)
        {
            events.Gone(id);
            port.Answer(id, new WorkerAnswer.Refusal(410, "this generation has ended; exit"));
        }

        private async Task ReportsAsync(HttpExchange exchange)
        {
            while (await exchange.Body.ReadLineAsync(WorkerApi.LineBytesMax) is { } line)
            {
                if (line.Length == 0)
                    continue;
                try
                {
                    if (WorkerApi.DecodeReport(line) is { } report)
                        events.Reported(report);
                }
                catch (CodecException malformed)
                {
                    throw new HttpRefusedException(400, malformed.Message);
                }
            }

            await exchange.RespondAsync(204, "application/json", default);
        }

        private async Task WishesAsync(HttpExchange exchange)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, _closed.Token);
            await exchange.Body.ReadToEndAsync(either.Token);
            await exchange.StartStreamAsync(200, "application/x-ndjson", either.Token);
            var seen = 0L;
            while (true)
            {
                (seen, var wish) = await Wishes.NextAsync(seen, s_repeatEvery, either.Token);
                if (wish is not null)
                    await exchange.WriteAsync(WorkerApi.Encode(wish), either.Token);
            }
        }
    }

    /// <summary>The newest wish: all that matters, so that a slow reader misses only what is outdated.</summary>
    private sealed class LatestWish
    {
        private readonly Lock _gate = new();
        private WorkerWish? _wish;
        private long _version;
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Set(WorkerWish wish)
        {
            TaskCompletionSource changed;
            lock (_gate)
            {
                (_wish, _version) = (wish, _version + 1);
                changed = _changed;
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            changed.TrySetResult();
        }

        /// <summary>Waits for a newer one, or until it is time to say the same again.</summary>
        public async Task<(long Version, WorkerWish? Wish)> NextAsync(long seen, TimeSpan repeatEvery, CancellationToken cancel)
        {
            Task changed;
            lock (_gate)
            {
                if (_version > seen)
                    return (_version, _wish);
                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(repeatEvery, TimeProvider.System, cancel);
            }
            catch (TimeoutException)
            {
                // Say it again.
            }

            lock (_gate)
                return (_version, _wish);
        }
    }
}
