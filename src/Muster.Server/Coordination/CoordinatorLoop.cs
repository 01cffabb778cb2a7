using Muster.Codecs;
using Muster.Codecs.Nodes;
using Muster.Jobs.Agents;
using Muster.Jobs.Coordinator;
using Muster.Jobs.Records;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;

namespace Muster.Server.Coordination;

/// <summary>The shell around the coordinator's core: feeds it the store and the agents' snapshots, does what it says.</summary>
/// <remarks>
/// Level-triggered on both sides: any change under <c>/muster/</c> makes it read all of it again, and a wish that a node has not
/// heard is sent again. It ends when leadership is lost; the process then starts again as a candidate.
/// </remarks>
public sealed class CoordinatorLoop
{
    private readonly IStore _store;
    private readonly ITransport _transport;
    private readonly CheckpointFiles _files;
    private readonly MonotonicClock _clock;
    private readonly ServerOptions _options;
    private readonly Inbox<ServerInput> _inbox = new("coordinator");
    private readonly NodeSessions _nodes;
    private readonly Candidacy _candidacy;
    private CoordinatorCore? _core;
    private CancellationToken _stopping;
    private bool _reading;
    private bool _changed;

    /// <summary>Makes a coordinator that does not run yet.</summary>
    /// <param name="store">Holds what is desired.</param>
    /// <param name="transport">Brings agents.</param>
    /// <param name="files">The disk from its root: checkpoints are named by absolute paths.</param>
    /// <param name="clock">This process's clock.</param>
    /// <param name="options">What the server was told.</param>
    public CoordinatorLoop(IStore store, ITransport transport, IVolume files, MonotonicClock clock, ServerOptions options)
    {
        (_store, _transport, _files, _clock, _options) = (store, transport, new CheckpointFiles(files), clock, options);
        _nodes = new NodeSessions(store, clock, options.NodeTerm);
        _candidacy = new Candidacy(store, clock, options.Name, options);
    }

    /// <summary>The core's view of jobs; null until this server leads. Use it on the loop only.</summary>
    public CoordinatorCore? Core => _core;

    /// <summary>Who leads while this server waits, for people; empty when nobody does.</summary>
    public string WaitsFor => _candidacy.Ahead is { } ahead ? $": '{ahead}' leads this store" : "";

    /// <summary>Runs something on the loop, from any thread.</summary>
    public Task<T> AskAsync<T>(Func<CoordinatorCore?, T> ask)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _inbox.Post(new ServerInput.Ask(core =>
        {
            try
            {
                answer.SetResult(ask(core));
            }
            catch (Exception failure) when (failure is not InvariantBrokenException)
            {
                answer.SetException(failure);
            }
        }));
        return answer.Task;
    }

    /// <summary>Stands for election, then coordinates until stopped.</summary>
    /// <exception cref="LeadershipLostException">This process leads no more.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        _stopping = stopping;
        var token = await _candidacy.WinAsync(stopping);
        await _nodes.RecoverAsync(stopping);
        var options = new CoordinatorOptions { CheckpointRoot = _options.CheckpointRoot, SingleNode = _options.IsSingleNode };
        _core = new CoordinatorCore(_candidacy.Key, token, options);
        using var watch = _store.OnChange(KeyRange.Prefix(JobKeys.Root), StoreChanged);
        using var listener = _transport.Listen(_options.AgentAddress, Accepted);
        using var ticks = Ticker.Start(_clock, _options.TickEvery, _inbox, now => new ServerInput.Tick(now));
        StoreChanged();
        while (await _inbox.WaitToReadAsync(stopping))
        {
            while (_inbox.TryRead(out var input))
                await HandleAsync(input);
        }
    }

    private async Task HandleAsync(ServerInput input)
    {
        switch (input)
        {
            case ServerInput.Core(var make):
                Perform(_core!.Step(make(_clock.Now)));
                break;
            case ServerInput.Reported(var link, var snapshot):
                await _nodes.HeardAsync(snapshot, link, _stopping);
                Perform(_core!.Step(new CoordinatorInput.NodeReported(snapshot, _clock.Now)));
                break;
            case ServerInput.LinkClosed(var link):
                _nodes.Closed(link);
                break;
            case ServerInput.Tick(var now):
                await _candidacy.KeepAsync(now, _stopping);
                Perform(_core!.Step(new CoordinatorInput.Tick(_clock.Now)));
                break;
            case ServerInput.Ask(var ask):
                ask(_core);
                break;
        }
    }

    private void Perform(IEnumerable<CoordinatorEffect> effects)
    {
        foreach (var effect in effects)
        {
            if (effect is CoordinatorEffect.Assign(var node, var wish))
                _nodes.Send(node, NodeFrames.Encode(new ServerMessage.Assigned(wish)));
            else
                Watch(PerformAsync(effect));
        }
    }

    private Task PerformAsync(CoordinatorEffect effect) => effect switch
    {
        CoordinatorEffect.Transact(var id, _, var transaction) => TransactAsync(id, transaction),
        CoordinatorEffect.WriteManifest(var id, _, var path, var bytes) => WriteManifestAsync(id, path, bytes),
        CoordinatorEffect.DeleteCheckpoint(var id, _, var directory) =>
            DeleteAsync(id, () => _files.DeleteAsync(directory)),
        CoordinatorEffect.SweepGeneration(var id, _, var directory, var generation, var keep) =>
            DeleteAsync(id, () => _files.SweepAsync(directory, generation, keep)),
        _ => throw new InvariantBrokenException("every effect of the coordinator is performed"),
    };

    private async Task TransactAsync(long id, Transaction transaction)
    {
        try
        {
            var result = await _store.TransactAsync(transaction, null, _stopping);
            Feed(now => new CoordinatorInput.TransactionAnswered(id, result.Succeeded, result.At, now));
        }
        catch (Exception refused) when (refused is StoreRefusedException or StoreUnavailableException)
        {
            Feed(now => new CoordinatorInput.TransactionFailed(id, refused.Message, now));
        }

        StoreChanged();
    }

    private async Task WriteManifestAsync(long id, string path, ByteString bytes)
    {
        try
        {
            var digest = await _files.WriteManifestAsync(path, bytes);
            Feed(now => new CoordinatorInput.ManifestWritten(id, digest, null, now));
        }
        catch (VolumeException failed)
        {
            Feed(now => new CoordinatorInput.ManifestWritten(id, null, failed.Message, now));
        }
    }

    private async Task DeleteAsync(long id, Func<Task> delete)
    {
        string? error = null;
        try
        {
            await delete();
        }
        catch (VolumeException failed)
        {
            error = failed.Message;
        }

        Feed(now => new CoordinatorInput.FilesDeleted(id, error, now));
    }

    /// <summary>Reads all of <c>/muster/</c> again; changes during a read bring one more.</summary>
    private void StoreChanged()
    {
        _changed = true;
        if (!_reading)
            Watch(ReadAsync());
    }

    private async Task ReadAsync()
    {
        _reading = true;
        while (_changed)
        {
            _changed = false;
            try
            {
                var found = await _store.RangeAsync(new Operation.Range(KeyRange.Prefix(JobKeys.Root)), _stopping);
                Feed(now => new CoordinatorInput.StoreRead(found.At, found.Keys, now));
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(_options.TickEvery, _clock.Time, _stopping);
                _changed = true;
            }
        }

        _reading = false;
    }

    private void Feed(Func<Instant, CoordinatorInput> make) => _inbox.Post(new ServerInput.Core(make));

    /// <summary>A failure that no input can carry ends the loop: it comes out on the loop's context.</summary>
    private async void Watch(Task effect)
    {
        try
        {
            await effect;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
    }

    private void Accepted(ILink link) => link.Start(frame => Received(link, frame), _ => _inbox.Post(new ServerInput.LinkClosed(link)));

    private void Received(ILink link, ReadOnlyMemory<byte> frame)
    {
        try
        {
            switch (NodeFrames.DecodeAgentMessage(frame.Span))
            {
                case AgentMessage.Hello:
                    link.TrySend(NodeFrames.Encode(new ServerMessage.Welcome(AgentProtocol.Version)));
                    break;
                case AgentMessage.Snapshot(var snapshot):
                    _inbox.TryPost(new ServerInput.Reported(link, snapshot));   // a lost one is followed by the next
                    break;
            }
        }
        catch (CodecException malformed)
        {
            // Whoever speaks so is no agent of ours, or a newer one: it is told, and the link closes.
            link.TrySend(NodeFrames.Encode(new ServerMessage.Refused(malformed.Message, null)));
            link.Dispose();
        }
    }
}
