using System.Collections.Immutable;
using System.Text;
using Muster.Agent.Hosting;
using Muster.Codecs;
using Muster.Codecs.Nodes;
using Muster.Disk;
using Muster.Jobs.Keepers;
using Muster.Runtime;

namespace Muster.Agent.Keeping;

/// <summary>The keeper's loop: steps <see cref="KeeperCore"/> and performs its effects. No opinions.</summary>
public sealed class KeeperLoop
{
    private const int ErrorFileBytesMax = 1 << 20;

    private readonly KeeperIdentity _keeper;
    private readonly KeeperSeams _seams;
    private readonly KeeperCore _core;
    private readonly Inbox<Arrival> _inbox = new("keeper");
    private readonly Queue<KeeperInput> _pending = new();
    private readonly JournalFile _journal;
    private readonly KeptProcesses _processes;
    private readonly List<ILink> _agents = [];
    private readonly List<ITimer> _timers = [];
    private string? _exit;

    /// <summary>A keeper that begins with nothing.</summary>
    public KeeperLoop(KeeperIdentity keeper, KeeperSeams seams, KeeperLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(keeper);
        ArgumentNullException.ThrowIfNull(seams);
        (_keeper, _seams) = (keeper, seams);
        _core = new KeeperCore(keeper, seams.Clock.Now, limits);
        _journal = new JournalFile(seams.Disk, HostPaths.OnVolume(KeeperFiles.Journal(keeper.Directory)));
        _processes = new KeptProcesses(seams, _inbox);
    }

    /// <summary>What arrives at the loop.</summary>
    internal abstract record Arrival
    {
        private Arrival() { }

        internal sealed record Input(KeeperInput Value) : Arrival;

        internal sealed record Linked(ILink Link) : Arrival;

        internal sealed record Unlinked(ILink Link) : Arrival;

        internal sealed record Ended(ProcessId Process, ExitStatus Status) : Arrival;
    }

    /// <summary>Runs until the core ends the keeper; why.</summary>
    /// <exception cref="VolumeException">The journal cannot be made durable.</exception>
    /// <exception cref="TransportException">Another keeper listens in the directory.</exception>
    public async Task<string> RunAsync(CancellationToken stopping)
    {
        await _seams.Disk.CreateDirectoryAsync(HostPaths.OnVolume(_keeper.OutputDirectory));
        await _seams.Disk.CreateDirectoryAsync(HostPaths.OnVolume(_keeper.SocketDirectory));
        using var listener = _seams.Transport.Listen($"unix:{KeeperFiles.Socket(_keeper.Directory)}", Accept);
        using var ticker = Ticker.Start(
            _seams.Clock, TimeSpan.FromMilliseconds(200), _inbox, Arrival (now) => new Arrival.Input(new KeeperInput.Tick(now)));
        while (await _inbox.WaitToReadAsync(stopping))
            while (_inbox.TryRead(out var arrival))
            {
                await TakeAsync(arrival);
                if (_exit is not null)
                    return _exit;
            }

        return "its loop was stopped";
    }

    private void Accept(ILink link)
    {
        _inbox.Post(new Arrival.Linked(link));
        link.Start(
            frame => Receive(link, frame),
            _ => _inbox.Post(new Arrival.Unlinked(link)));
    }

    private void Receive(ILink link, ReadOnlyMemory<byte> frame)
    {
        try
        {
            if (NodeFrames.DecodeOrder(frame.Span) is { } order)
                Post(new KeeperInput.Ordered(order, _seams.Clock.Now));
        }
        catch (CodecException)
        {
            link.Dispose();   // whoever speaks so is no agent of ours
        }
    }

    private void Post(KeeperInput input) => _inbox.Post(new Arrival.Input(input));

    private async Task TakeAsync(Arrival arrival)
    {
        switch (arrival)
        {
            case Arrival.Input(var input):
                await StepAsync(input);
                break;
            case Arrival.Linked(var link):
                _agents.Add(link);
                link.TrySend(NodeFrames.Encode(new KeeperMessage.Hello(KeeperProtocol.Version, _keeper.Job, _keeper.Self)));
                if (_core.Facts(_seams.Clock.Now) is { } facts)
                    link.TrySend(NodeFrames.Encode(new KeeperMessage.Facts(facts)));
                break;
            case Arrival.Unlinked(var link):
                _agents.Remove(link);
                link.Dispose();
                break;
            case Arrival.Ended(var process, var status):
                var detail = await DetailAsync(process, status);
                await StepAsync(new KeeperInput.Exited(process.ToCore(), status.Code, status.Signal, detail, _seams.Clock.Now));
                break;
        }
    }

    private async Task<string?> DetailAsync(ProcessId process, ExitStatus status)
    {
        if (_processes.RankOf(process) is not { } rank || status.IsSuccess)
            return null;
        try
        {
            var path = HostPaths.OnVolume(_keeper.ErrorFile(rank.Generation, rank.Rank));
            var bytes = await DurableFile.ReadAsync(_seams.Disk, path, ErrorFileBytesMax);
            if (TorchErrorFile.Message(bytes) is { } message)
                return message;
        }
        catch (VolumeException)
        {
            // Most programs leave none.
        }

        return _seams.Output.LastLine(KeptProcesses.LogOf(rank.Rank));
    }

    private async Task StepAsync(KeeperInput input)
    {
        _pending.Enqueue(input);
        while (_pending.TryDequeue(out var next))
            foreach (var effect in _core.Step(next))
                await ApplyAsync(effect);
    }

    private async ValueTask ApplyAsync(KeeperEffect effect)
    {
        switch (effect)
        {
            case KeeperEffect.Persist(var journal):
                await _journal.WriteAsync(NodeDocuments.Encode(journal));
                break;
            case KeeperEffect.Tell(var facts):
                var frame = NodeFrames.Encode(new KeeperMessage.Facts(facts));
                foreach (var agent in _agents)
                    agent.TrySend(frame);
                break;
            case KeeperEffect.WakeAfter(var delay):
                WakeAfter(delay);
                break;
            case KeeperEffect.Exit(var why):
                _exit = why;
                break;
            case KeeperEffect.MakeDirectory or KeeperEffect.Seal or KeeperEffect.Verify or KeeperEffect.Discard:
                ApplyShards(effect);
                break;
            case KeeperEffect.OpenSocket or KeeperEffect.CloseSocket or KeeperEffect.Wish or KeeperEffect.Answer or KeeperEffect.FindPort:
                ApplyWorkers(effect);
                break;
            default:
                _processes.Apply(effect, _pending);
                break;
        }
    }

    private void ApplyWorkers(KeeperEffect effect)
    {
        switch (effect)
        {
            case KeeperEffect.OpenSocket(var generation, var rank, var path):
                _seams.Workers.Open(path, new WorkerInbox(_inbox, _seams.Clock, generation, rank));
                break;
            case KeeperEffect.CloseSocket(var generation, var rank):
                _seams.Workers.Close(_keeper.Socket(generation, rank));
                break;
            case KeeperEffect.Wish(var generation, var rank, var wish):
                _seams.Workers.Wish(_keeper.Socket(generation, rank), wish);
                break;
            case KeeperEffect.Answer(var exchange, var answer):
                _seams.Workers.Answer(exchange, answer);
                break;
            case KeeperEffect.FindPort(var generation):
                _pending.Enqueue(new KeeperInput.PortFound(generation, _seams.Workers.FindFreePort()));
                break;
        }
    }

    private void ApplyShards(KeeperEffect effect)
    {
        switch (effect)
        {
            case KeeperEffect.MakeDirectory(var generation, var rank, var step, var path):
                _seams.Shards.MakeDirectory(path, trouble => Post(new KeeperInput.DirectoryMade(generation, rank, step, trouble)));
                break;
            case KeeperEffect.Seal(var generation, var rank, var step, var written, var final):
                _seams.Shards.Seal(written, final, (files, trouble) => Post(trouble is null
                    ? new KeeperInput.Sealed(generation, rank, step, files, _seams.Clock.Now)
                    : new KeeperInput.NotSealed(generation, rank, step, trouble, _seams.Clock.Now)));
                break;
            case KeeperEffect.Verify(var generation, var rank, var root, var reference):
                _seams.Shards.Verify(root, _keeper.Job, reference, rank, damage => Post(rank is { } one
                    ? new KeeperInput.Verified(generation, one, damage)
                    : new KeeperInput.ShardsVerified(generation, damage)));
                break;
            case KeeperEffect.Discard(var directory):
                _seams.Shards.Discard(directory);
                break;
        }
    }

    private void WakeAfter(TimeSpan delay)
    {
        ITimer? timer = null;
        timer = _seams.Clock.Time.CreateTimer(
            _ => _inbox.TryPost(new Arrival.Input(new KeeperInput.Tick(_seams.Clock.Now))), null, delay, Timeout.InfiniteTimeSpan);
        _timers.Add(timer);
        if (_timers.Count > 64)
        {
            _timers[0].Dispose();   // long past: delays are short
            _timers.RemoveAt(0);
        }
    }
}
