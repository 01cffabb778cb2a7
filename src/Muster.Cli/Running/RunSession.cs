using System.Collections.Immutable;
using System.Text.Json;
using Muster.Cli.Control;
using Muster.Cli.Data;
using Muster.Cli.Show;
using Muster.Codecs.Control;
using Muster.Jobs.Views;
using Muster.Network.Http1;
using Muster.Runtime;

namespace Muster.Cli.Running;

/// <summary>What `muster run` was asked to do.</summary>
/// <param name="Request">The job.</param>
/// <param name="Layout">Where its things are.</param>
/// <param name="Follow">Ranks whose output is shown; empty: none.</param>
internal sealed record RunPlan(JobSubmission Request, DataLayout Layout, ImmutableArray<int> Follow);

/// <summary>The owner of one job's process tree: starts server and agent, shows the job, ends them when it is over.</summary>
/// <remarks>Decides nothing about the job: it submits, shows what the server says, and passes on what the person wants.</remarks>
internal sealed class RunSession : IDisposable
{
    private const int QuickEndsMax = 6;
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_releaseMax = TimeSpan.FromSeconds(10);

    private readonly RunPlan _plan;
    private readonly IRunDisplay _display;
    private readonly MonotonicClock _clock;
    private readonly Inbox<RunInput> _inbox = new("run");
    private readonly ControlClient _control;
    private readonly ImmutableArray<Child> _children;
    private readonly CancellationTokenSource _ended = new();
    private readonly OutputFollower _output;
    private JobView? _view;
    private JobReport? _report;
    private int _interrupts;
    private TimeSpan? _overSince;
    private long _lastEvent;

    public RunSession(RunPlan plan, IProcesses processes, IRunDisplay display, MonotonicClock clock)
    {
        (_plan, _display, _clock) = (plan, display, clock);
        _control = new ControlClient(plan.Layout.ControlSocket);
        _children = [.. RunTree.Roles(plan).Select(role => new Child(role.Name, processes, role.Start, _inbox))];
        _output = new OutputFollower(plan.Follow, display);
    }

    private TimeSpan Running => _clock.Now.SinceOrigin;

    /// <summary>Ctrl-C or SIGTERM.</summary>
    public void Interrupt() => _inbox.TryPost(new RunInput.Interrupted());

    /// <summary>Runs until the job is over, or until it cannot go on.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        foreach (var child in _children)
            child.Start(_clock.Now);
        using var ticks = Ticker.Start(_clock, s_tick, _inbox, now => new RunInput.Tick(now));
        _ = FollowAsync();
        try
        {
            while (await _inbox.WaitToReadAsync())
            {
                while (_inbox.TryRead(out var input))
                {
                    if (Step(input) is { } exitCode)
                        return exitCode;
                }
            }

            return ExitCode.Infrastructure;
        }
        finally
        {
            await _ended.CancelAsync();
            foreach (var child in _children)
                child.Kill();
        }
    }

    public void Dispose() => _ended.Dispose();

    private int? Step(RunInput input)
    {
        switch (input)
        {
            case RunInput.ChildEnded(var child, var status):
                return ChildEnded(child, status);
            case RunInput.Tick(var now):
                foreach (var child in _children)
                    child.Tick(now);
                _output.Read();
                return Progress();
            case RunInput.Interrupted:
                return Interrupted();
            case RunInput.Submitted(var reply):
                return Submitted(reply);
            case RunInput.Viewed(var report):
                (_report, _view) = (report, report.View);
                if (!report.Events.IsEmpty)
                    _lastEvent = report.Events[^1].Sequence;
                _output.Watch(report.View);
                return Progress();
            case RunInput.Failed(var failure):
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
                return null;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private int? ChildEnded(Child child, ExitStatus status)
    {
        child.Ended(_clock.Now);
        _display.Note($"the {child.Role} ended ({status}); starting it again");
        if (child.QuickEnds < QuickEndsMax)
            return null;
        throw new CliException(
            ExitCode.Infrastructure,
            $"the {child.Role} does not stay up: {RunTree.LastDiagnostic(_plan.Layout)}\nThe rest is in {_plan.Layout.Diagnostics}. Nothing was lost.");
    }

    private int? Submitted(SubmitReply reply)
    {
        _view = reply.View ?? _view;
        _display.Note(reply.Detail);
        switch (reply.Outcome)
        {
            case SubmitOutcome.Finished:
                _display.End(_view, Running);
                return _view?.Phase == JobPhase.Completed ? ExitCode.Done : Summary.ExitCodeOf(_view);
            case SubmitOutcome.Changed or SubmitOutcome.Refused:
                throw new CliException(ExitCode.Refused, reply.Detail);
            case SubmitOutcome.Continued when reply.View is { } view:
                _output.SkipPast(view);
                return null;
            default:
                return null;
        }
    }

    private int? Progress()
    {
        if (_report is not { } report)
            return null;
        _display.Report(report, Running);
        _report = report with { Events = [] };
        if (!Summary.IsOver(report.View.Phase))
        {
            _overSince = null;
            return null;
        }

        // What is over is over, but its keeper still ends what is left of it.
        _overSince ??= Running;
        if (!report.Released && Running - _overSince < s_releaseMax)
            return null;
        _output.Finish();
        _display.End(report.View, Running);
        return Summary.ExitCodeOf(report.View);
    }

    private int? Interrupted()
    {
        _interrupts++;
        if (_interrupts == 1)
        {
            _display.Note("stopping, resumably; press Ctrl-C again to stop at once");
            _ = StopAsync(new StopRequest(null, null, Resumable: true));
            return null;
        }

        if (_interrupts == 2)
        {
            _display.Note("stopping at once");
            _ = StopAsync(new StopRequest(0, false, Resumable: true));
            return null;
        }

        _display.End(_view, Running);
        return ExitCode.Stopped;
    }

    private async Task StopAsync(StopRequest request)
    {
        try
        {
            await _control.StopAsync(_plan.Request.Specification.Name.Name, request, _ended.Token);
        }
        catch (Exception e) when (e is HttpPeerException or HttpRefusedException or CliException or OperationCanceledException)
        {
            if (e is not OperationCanceledException)
                _display.Note($"the stop was not heard ({e.Message}); press Ctrl-C again");
        }
    }

    /// <summary>Submits, then follows the job; the server may go away and come back at any time.</summary>
    private async Task FollowAsync()
    {
        var submitted = false;
        var (quietSince, told) = (_clock.Now, "");
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                if (!submitted)
                {
                    var reply = await _control.SubmitAsync(_plan.Request, _ended.Token);
                    submitted = true;
                    _lastEvent = reply.Outcome is SubmitOutcome.Accepted ? 0 : reply.View?.LastEvent ?? 0;
                    _inbox.Post(new RunInput.Submitted(reply));
                }

                await _control.WatchAsync(
                    _plan.Request.Specification.Name.Name, _lastEvent, report => _inbox.Post(new RunInput.Viewed(report)), _ended.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (IsPassing(e))
            {
                // The server is being started, or started again; if that takes long, the person hears why.
                if (!submitted && _clock.Now - quietSince > s_patience && e.Message != told)
                    _display.Note($"waiting: {told = e.Message}");
            }
            catch (Exception e) when (e is CliException or JsonException)
            {
                _inbox.Post(new RunInput.Failed(e));
                return;
            }

            await Task.Delay(s_retry, _clock.Time);
        }
    }

    /// <summary>Whether it is over when the server is back.</summary>
    private static bool IsPassing(Exception failure) =>
        failure is HttpPeerException or HttpRefusedException or CliException { ExitCode: ExitCode.Infrastructure };
}
