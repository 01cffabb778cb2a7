using System.Net.Sockets;
using System.Text.Json;
using Muster.Worker.Reports;
using Muster.Worker.Steps;

namespace Muster.Worker.Keeper;

/// <summary>The two long exchanges with the keeper, each on a thread of its own: reports go up, wishes come down.</summary>
/// <remarks>
/// Neither is ever waited for by the loop. A stream that breaks is opened again for as long as the program runs; what a
/// new stream must know (total, checkpoint restored, the answer that stands) is said again at its beginning.
/// </remarks>
internal sealed class KeeperStreams : IDisposable
{
    private readonly string _socket;
    private readonly TrainingLoop _loop;
    private readonly ReportSender _sender;
    private readonly Thread _wishes;
    private volatile bool _leaving;
    private volatile HttpConnection? _open;

    public KeeperStreams(string socket, TrainingLoop loop, ReportRing ring)
    {
        (_socket, _loop) = (socket, loop);
        _sender = new ReportSender(socket, loop, ring);
        _wishes = new Thread(ReadWishes) { IsBackground = true, Name = "muster wishes" };
        _wishes.Start();
    }

    public ReportSender Reports => _sender;

    /// <summary>Sends the last reports, for no longer than <see cref="WorkerLimits.FarewellMax"/>, and hangs up.</summary>
    public void Dispose()
    {
        _leaving = true;
        _sender.Dispose();
        _open?.Dispose();
    }

    private void ReadWishes()
    {
        var pause = WorkerLimits.PauseMin;
        while (!_leaving)
        {
            try
            {
                using var connection = HttpConnection.Open(_socket);
                _open = connection;
                connection.SilenceMax(WorkerLimits.SilenceMax);
                connection.Send("GET", "/v1/requests", null);
                connection.ReadHead();
                for (var first = true; connection.Status == 200 && connection.ReadLine() is { } line; first = false)
                {
                    Take(line, first);
                    pause = WorkerLimits.PauseMin;
                }
            }
            catch (Exception broken) when (broken is SocketException or IOException or ObjectDisposedException)
            {
                // the keeper is away, or we are leaving
            }

            if (_leaving)
                return;
            Thread.Sleep(pause);
            pause = KeeperClient.Longer(pause);
        }
    }

    private void Take(byte[] line, bool first)
    {
        if (line.Length == 0)
            return;
        var (known, wish) = KeeperJson.Read(line, Wish);
        if (known && _loop.OnWish(wish, first) is { } answer)
            _sender.Urgent(lines => lines.Answer(answer));
    }

    /// <summary>The request in a wish line. Not known: the line says nothing of requests (which is not "none"), or names a later version's state.</summary>
    private static (bool Known, CheckpointRequest? Request) Wish(JsonElement line)
    {
        if (!line.TryGetProperty("request", out var request))
            return (false, null);
        if (request.ValueKind == JsonValueKind.Null)
            return (true, null);
        var wish = Request(request);
        return (wish is not null, wish);
    }

    private static CheckpointRequest? Request(JsonElement request)
    {
        RequestState? state = request.GetProperty("state").GetString() switch
        {
            "proposed" => RequestState.Proposed,
            "confirmed" => RequestState.Confirmed,
            "cancelled" => RequestState.Cancelled,
            _ => null,
        };
        return state is { } known
            ? new CheckpointRequest(
                request.GetProperty("id").GetInt64(), request.GetProperty("step").GetInt64(), request.GetProperty("ends").GetBoolean(), known)
            : null;
    }
}
