using Muster.Agent.Workers;
using Muster.Jobs.Keepers;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Training;

/// <summary>The worker sockets of a host: keepers open them, ranks connect to them. Words take time and keep their order.</summary>
internal sealed class WorkerSockets(SimulatedWorld world)
{
    private readonly SortedDictionary<string, Endpoint> _open = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, (WorkerLine Line, TaskCompletionSource<WorkerAnswer?> Answer, Action<WorkerAnswer>? Sent)> _exchanges = [];
    private long _lastExchange;
    private int _lastPort = 20_000;

    public int NextPort() => ++_lastPort;

    public void Open(SimulatedProcess keeper, string path, IWorkerEvents events) => _open[path] = new Endpoint(keeper, events);

    public void Close(string path)
    {
        if (!_open.Remove(path, out var socket))
            return;
        foreach (var line in socket.Lines)
        {
            line.ToRank(() => line.Closed());
            foreach (var (id, (of, answer, _)) in _exchanges.Where(exchange => exchange.Value.Line == line).ToList())
            {
                _exchanges.Remove(id);
                of.ToRank(() => answer.TrySetResult(null));
            }
        }
    }

    public void Wish(string path, WorkerWish wish)
    {
        if (!_open.TryGetValue(path, out var socket))
            return;
        socket.Wish = wish;
        foreach (var line in socket.Lines)
            line.ToRank(() => line.Wished(wish));
    }

    public void Answer(ExchangeId exchange, WorkerAnswer answer)
    {
        if (!_exchanges.Remove(exchange.Number, out var waits))
            return;
        waits.Sent?.Invoke(answer);
        waits.Line.ToRank(() => waits.Answer.TrySetResult(answer));
    }

    /// <summary>Connects a rank; null: nobody listens.</summary>
    public WorkerLine? Connect(SimulatedProcess rank, string path)
    {
        if (!_open.TryGetValue(path, out var socket) || socket.Keeper.IsDead)
            return null;
        var line = new WorkerLine(world, this, rank, socket.Keeper, socket.Events);
        socket.Lines.Add(line);
        if (socket.Wish is { } wish)
            line.ToRank(() => line.Wished(wish));
        rank.OnEnd(_ => Hangup(socket, line));
        return line;
    }

    internal ExchangeId Begin(WorkerLine line, TaskCompletionSource<WorkerAnswer?> answer, Action<WorkerAnswer>? sent)
    {
        _exchanges.Add(++_lastExchange, (line, answer, sent));
        return new ExchangeId(_lastExchange);
    }

    private void Hangup(Endpoint socket, WorkerLine line)
    {
        socket.Lines.Remove(line);
        foreach (var (id, (of, _, _)) in _exchanges.ToList())
        {
            if (of != line)
                continue;
            _exchanges.Remove(id);
            line.ToKeeper(() => socket.Events.Gone(new ExchangeId(id)));
        }
    }

    private sealed class Endpoint(SimulatedProcess keeper, IWorkerEvents events)
    {
        public SimulatedProcess Keeper { get; } = keeper;

        public IWorkerEvents Events { get; } = events;

        public List<WorkerLine> Lines { get; } = [];

        public WorkerWish? Wish { get; set; }
    }
}

/// <summary>The worker API as a keeper sees it.</summary>
internal sealed class SimulatedWorkerPort(SimulatedProcess keeper, WorkerSockets sockets) : IWorkerPort
{
    public void Open(string path, IWorkerEvents events)
    {
        if (keeper.Effect($"worker.open {path}"))
            sockets.Open(keeper, path, events);
    }

    public void Close(string path)
    {
        if (keeper.Effect($"worker.close {path}"))
            sockets.Close(path);
    }

    public void Wish(string path, WorkerWish wish)
    {
        if (keeper.Effect($"worker.wish {path} {wish.Committed} {wish.Durable} {wish.Request?.Id}"))
            sockets.Wish(path, wish);
    }

    public void Answer(ExchangeId exchange, WorkerAnswer answer)
    {
        if (keeper.Effect($"worker.answer {exchange.Number} {answer.GetType().Name}"))
            sockets.Answer(exchange, answer);
    }

    public int FindFreePort() => sockets.NextPort();
}

/// <summary>One rank's line to its keeper.</summary>
internal sealed class WorkerLine(SimulatedWorld world, WorkerSockets sockets, SimulatedProcess rank, SimulatedProcess keeper, IWorkerEvents events)
{
    private TimeSpan _up;
    private TimeSpan _down;

    /// <summary>Called, on the rank's loop, with each wish.</summary>
    public Action<WorkerWish> OnWish { get; set; } = _ => { };

    public bool IsClosed { get; private set; }

    public WorkerWish? LastWish { get; private set; }

    /// <summary>Asks; null when the keeper closed the line.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="sent">Called when the keeper answers; the rank may hear it much later, or never.</param>
    public Task<WorkerAnswer?> AskAsync(WorkerRequest request, Action<WorkerAnswer>? sent = null)
    {
        var answer = new TaskCompletionSource<WorkerAnswer?>();
        if (!rank.Effect($"worker.ask {request.GetType().Name}") || IsClosed)
            return IsClosed ? Task.FromResult<WorkerAnswer?>(null) : answer.Task;
        var exchange = sockets.Begin(this, answer, sent);
        ToKeeper(() => events.Asked(exchange, request));
        return answer.Task;
    }

    public void Report(WorkerReport report)
    {
        if (rank.Effect($"worker.report {report.GetType().Name}"))
            ToKeeper(() => events.Reported(report));
    }

    public void Wished(WorkerWish wish)
    {
        LastWish = wish;
        OnWish(wish);
    }

    public void Closed() => IsClosed = true;

    public void ToRank(Action act)
    {
        _down = Later(_down);
        world.After(_down - world.Now, () => rank.Enqueue(act));
    }

    public void ToKeeper(Action act)
    {
        _up = Later(_up);
        world.After(_up - world.Now, () => keeper.Enqueue(act));
    }

    private TimeSpan Later(TimeSpan last)
    {
        var due = world.Now + rank.Chance.Between(TimeSpan.FromMicroseconds(20), TimeSpan.FromMicroseconds(400));
        return due > last ? due : last;
    }
}
