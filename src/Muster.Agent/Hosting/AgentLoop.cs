using System.Collections.Immutable;
using Muster.Agent.Keeping;
using Muster.Codecs;
using Muster.Codecs.Nodes;
using Muster.Jobs.Agents;
using Muster.Jobs.Keepers;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Agent.Hosting;

/// <summary>The agent's loop: steps <see cref="AgentCore"/> and performs its effects. No opinions.</summary>
public sealed class AgentLoop
{
    private readonly AgentIdentity _agent;
    private readonly AgentSeams _seams;
    private readonly AgentLimits? _limits;
    private readonly Func<ulong> _newTag;
    private readonly Inbox<AgentInput> _inbox = new("agent");
    private readonly Queue<AgentInput> _pending = new();
    private readonly JournalFile _journal;
    private readonly SortedDictionary<JobId, ILink> _keepers = [];
    private readonly List<ITimer> _timers = [];
    private ILink? _server;
    private string _tag = "";

    /// <summary>An agent that has not begun.</summary>
    /// <param name="agent">Who it is.</param>
    /// <param name="seams">The world.</param>
    /// <param name="newTag">Chance for the identity that an agent chooses at its very first start.</param>
    /// <param name="limits">Its limits; the defaults when null.</param>
    public AgentLoop(AgentIdentity agent, AgentSeams seams, Func<ulong> newTag, AgentLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(seams);
        (_agent, _seams, _limits, _newTag) = (agent, seams, limits, newTag);
        _journal = new JournalFile(seams.Disk, HostPaths.OnVolume($"{seams.Directory}/journal"));
    }

    /// <summary>Runs until stopped: an agent never ends by itself.</summary>
    /// <exception cref="VolumeException">The journal cannot be read or made durable.</exception>
    /// <exception cref="JournalDamagedException">The journal cannot be believed.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        await _seams.Disk.CreateDirectoryAsync(HostPaths.OnVolume(_seams.Directory));
        var journal = await _journal.ReadAsync() is { } json
            ? NodeDocuments.DecodeAgentJournal(json)
            : new AgentJournal { Agent = _newTag().ToString("x16") };
        _tag = journal.Agent;
        var core = new AgentCore(_agent, journal, _limits);
        using var ticker = Ticker.Start(
            _seams.Clock, TimeSpan.FromMilliseconds(200), _inbox, AgentInput (now) => new AgentInput.Tick(now));
        await StepAsync(core, new AgentInput.Begun(_seams.Clock.Now));
        while (await _inbox.WaitToReadAsync(stopping))
            while (_inbox.TryRead(out var input))
                await StepAsync(core, input);
    }

    private async Task StepAsync(AgentCore core, AgentInput input)
    {
        _pending.Enqueue(input);
        while (_pending.TryDequeue(out var next))
            foreach (var effect in core.Step(next))
                await ApplyAsync(effect);
    }

    private async ValueTask ApplyAsync(AgentEffect effect)
    {
        switch (effect)
        {
            case AgentEffect.Persist(var journal):
                await _journal.WriteAsync(NodeDocuments.Encode(journal));
                break;
            case AgentEffect.CallServer(var address):
                CallServer(address);
                break;
            case AgentEffect.HangUpServer:
                _server?.Dispose();
                break;
            case AgentEffect.TellServer(var message):
                _server?.TrySend(NodeFrames.Encode(message));
                break;
            case AgentEffect.StartKeeper start:
                await StartKeeperAsync(start.Job, start.Leader, start.Generation);
                break;
            case AgentEffect.CallKeeper(var job, var process):
                CallKeeper(job, process.ToSeam());
                break;
            case AgentEffect.TellKeeper(var job, var order):
                if (_keepers.TryGetValue(job, out var keeper))
                    keeper.TrySend(NodeFrames.Encode(order));
                break;
            case AgentEffect.Kill(var process):
                _seams.Processes.Signal(process.ToSeam(), SignalKill);
                break;
            case AgentEffect.Sweep:
                _pending.Enqueue(new AgentInput.Swept(
                    [.. _seams.Processes.ListTagged().Select(seen => seen.ToCore())], _seams.Clock.Now));
                break;
            case AgentEffect.ReadJournal(var job):
                _pending.Enqueue(new AgentInput.JournalRead(job, await ReadKeeperAsync(job), _seams.Clock.Now));
                break;
            case AgentEffect.Forget(var job):
                await KeeperJournal(job).DeleteAsync();
                break;
            case AgentEffect.Note(var text):
                _seams.Note(text);
                break;
            case AgentEffect.WakeAfter(var delay):
                WakeAfter(delay);
                break;
        }
    }

    private const int SignalKill = 9;

    private void CallServer(string address)
    {
        _server?.Dispose();
        var link = _server = _seams.Transport.Connect(address);
        link.Start(
            frame => ReceiveServer(link, frame),
            why => _inbox.Post(new AgentInput.ServerClosed(why, _seams.Clock.Now)));
        _pending.Enqueue(new AgentInput.ServerConnected(_seams.Clock.Now));
    }

    private void ReceiveServer(ILink link, ReadOnlyMemory<byte> frame)
    {
        try
        {
            if (NodeFrames.DecodeServerMessage(frame.Span) is { } message)
                _inbox.Post(new AgentInput.ServerSaid(message, _seams.Clock.Now));
        }
        catch (CodecException malformed)
        {
            _seams.Note($"a server's frame was refused: {malformed.Message}");
            link.Dispose();
        }
    }

    private async Task StartKeeperAsync(JobId job, FencingToken leader, Generation generation)
    {
        var directory = KeeperFiles.Of(_seams.Directory, job);
        await _seams.Disk.CreateDirectoryAsync(HostPaths.OnVolume(directory));
        var environment = _seams.Environment
            .RemoveRange(_seams.Environment.Keys.Where(name => name.StartsWith("MUSTER_", StringComparison.Ordinal)))
            .SetItem(ProcessTags.KeeperOf, ProcessTags.KeeperOfValue(_tag, job));
        var start = new ProcessStart
        {
            Command = [.. _seams.KeeperCommand, .. new KeeperArguments(directory, job, _agent.Node, _tag, leader, generation).Format()],
            WorkingDirectory = directory,
            Environment = environment,
            Detached = true,
            OutputFile = $"{directory}/keeper.log",
        };
        try
        {
            var process = _seams.Processes.Start(start, new KeeperEvents(_inbox, _seams.Clock, job));
            _pending.Enqueue(new AgentInput.KeeperStarted(job, process.ToCore(), _seams.Clock.Now));
        }
        catch (ProcessStartException refusal)
        {
            _pending.Enqueue(new AgentInput.KeeperNotStarted(job, refusal.Message, _seams.Clock.Now));
        }
    }

    private void CallKeeper(JobId job, ProcessId process)
    {
        if (_keepers.Remove(job, out var old))
            old.Dispose();
        var link = _keepers[job] = _seams.Transport.Connect($"unix:{KeeperFiles.Socket(KeeperFiles.Of(_seams.Directory, job))}");
        link.Start(
            frame => ReceiveKeeper(job, link, frame),
            _ => _inbox.Post(new AgentInput.KeeperClosed(job, process.ToCore(), _seams.Processes.IsAlive(process), _seams.Clock.Now)));
    }

    private void ReceiveKeeper(JobId job, ILink link, ReadOnlyMemory<byte> frame)
    {
        try
        {
            if (NodeFrames.DecodeKeeperMessage(frame.Span) is { } message)
                _inbox.Post(new AgentInput.KeeperSaid(job, message, _seams.Clock.Now));
        }
        catch (CodecException malformed)
        {
            _seams.Note($"a frame of the keeper of job {job} was refused: {malformed.Message}");
            link.Dispose();
        }
    }

    private JournalFile KeeperJournal(JobId job) =>
        new(_seams.Disk, HostPaths.OnVolume(KeeperFiles.Journal(KeeperFiles.Of(_seams.Directory, job))));

    private async Task<KeeperJournal?> ReadKeeperAsync(JobId job) =>
        await KeeperJournal(job).ReadAsync() is { } json ? NodeDocuments.DecodeKeeperJournal(json) : null;

    private void WakeAfter(TimeSpan delay)
    {
        _timers.Add(_seams.Clock.Time.CreateTimer(
            _ => _inbox.TryPost(new AgentInput.Tick(_seams.Clock.Now)), null, delay, Timeout.InfiniteTimeSpan));
        if (_timers.Count <= 64)
            return;
        _timers[0].Dispose();   // long past: delays are short
        _timers.RemoveAt(0);
    }

    private sealed class KeeperEvents(Inbox<AgentInput> inbox, MonotonicClock clock, JobId job) : IProcessEvents
    {
        public void Output(ProcessId process, ReadOnlyMemory<byte> bytes)
        {
            // A keeper writes into its own file.
        }

        public void Exited(ProcessId process, ExitStatus status) =>
            inbox.Post(new AgentInput.KeeperExited(job, process.ToCore(), clock.Now));
    }
}
