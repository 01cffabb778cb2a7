using System.Net.Sockets;
using Muster.Worker.Reports;
using Muster.Worker.Steps;

namespace Muster.Worker.Keeper;

/// <summary>Sends what the loop reports, in batches, over one long chunked request.</summary>
internal sealed class ReportSender : IDisposable
{
    private readonly string _socket;
    private readonly TrainingLoop _loop;
    private readonly ReportRing _ring;
    private readonly object _lock = new();
    private readonly List<Action<ReportLines>> _urgent = [];
    private readonly ReportLines _lines = new();
    private readonly MetricValue[] _batch = new MetricValue[1024];
    private readonly Thread _thread;
    private readonly long _start;
    private long _stepSent;
    private long _restored = -1;
    private bool _preludeStale;
    private bool _leaving;

    public ReportSender(string socket, TrainingLoop loop, ReportRing ring)
    {
        (_socket, _loop, _ring) = (socket, loop, ring);
        _start = _stepSent = loop.Progress.Done;
        _thread = new Thread(Run) { IsBackground = true, Name = "muster reports" };
        _thread.Start();
    }

    /// <summary>Sends a line at once, and again on the next stream if this one breaks under it.</summary>
    public void Urgent(Action<ReportLines> line)
    {
        lock (_lock)
        {
            _urgent.Add(line);
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>The loop has begun: the checkpoint, if there was one, loaded.</summary>
    public void Began(long? restored)
    {
        lock (_lock)
        {
            _restored = restored ?? -1;
            _preludeStale = true;
            Monitor.Pulse(_lock);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _leaving = true;
            Monitor.Pulse(_lock);
        }

        if (_thread.Join(WorkerLimits.FarewellMax))
            _lines.Dispose();
    }

    private bool Leaving
    {
        get
        {
            lock (_lock)
                return _leaving;
        }
    }

    private void Run()
    {
        var pause = WorkerLimits.PauseMin;
        do
        {
            try
            {
                using var connection = HttpConnection.Open(_socket);
                connection.HoldMax(WorkerLimits.SilenceMax);
                connection.BeginChunked("POST", "/v1/reports");
                BeginAnew();
                while (!connection.HasNews)              // an answer before the end means that the keeper gives this stream up
                {
                    var last = WaitForWork();
                    Flush(connection);
                    pause = WorkerLimits.PauseMin;
                    if (last)
                    {
                        Farewell(connection);
                        return;
                    }
                }
            }
            catch (Exception broken) when (broken is SocketException or IOException)
            {
                // the keeper is away: what was in this batch is lost, as reports may be
            }

            Thread.Sleep(pause);
            pause = KeeperClient.Longer(pause);
        }
        while (!Leaving);
    }

    private void BeginAnew()
    {
        lock (_lock)
            _preludeStale = true;
        _stepSent = _start;             // what was sent may be lost: the present step is told again, after older reports
    }

    private bool WaitForWork()
    {
        lock (_lock)
        {
            if (_urgent.Count == 0 && !_preludeStale && !_leaving)
                Monitor.Wait(_lock, WorkerLimits.FlushEvery);
            return _leaving;
        }
    }

    private void Flush(HttpConnection connection)
    {
        _lines.Clear();
        int urgent;
        lock (_lock)
        {
            if (_preludeStale)
                Prelude();
            _preludeStale = false;
            urgent = _urgent.Count;
            foreach (var line in _urgent)
                line(_lines);
        }

        for (int count; (count = _ring.Drain(_batch)) > 0;)
        {
            _lines.Reports(_batch.AsSpan(0, count));
            _stepSent = Math.Max(_stepSent, _batch[count - 1].Step);
            if (_lines.Written.Length > WorkerLimits.LineBytesMax)
                Send(connection);
        }

        var done = _loop.Progress.Done;
        if (done > _stepSent)
            _lines.Step(_stepSent = done);
        Send(connection);
        lock (_lock)
            _urgent.RemoveRange(0, urgent);
    }

    private void Prelude()
    {
        if (_restored >= 0)
            _lines.Restored(_restored);
        if (_loop.Progress.Total is { } total)
            _lines.Total(total);
    }

    private void Send(HttpConnection connection)
    {
        if (_lines.Written.IsEmpty)
            return;
        connection.SendChunk(_lines.Written);
        _lines.Clear();
    }

    private static void Farewell(HttpConnection connection)
    {
        connection.SilenceMax(WorkerLimits.FarewellMax);
        connection.SendChunk([]);
        connection.ReadHead();                  // 204: the keeper has read everything
    }
}
