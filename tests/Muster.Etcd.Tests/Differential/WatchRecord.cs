using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Keyspace;
using Muster.Network.Http;

namespace Muster.Etcd.Tests.Differential;

/// <summary>What one server said on one stream of watches, by watch.</summary>
internal sealed class WatchRecord : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly GrpcDuplex _call;
    private readonly Task _reading;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, List<string>> _events = [];
    private readonly List<string> _answers = [];
    private readonly List<string> _broken = [];
    private readonly Dictionary<long, long> _last = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WatchRecord(GrpcChannel channel)
    {
        _call = channel.Duplex("/etcdserverpb.Watch/Watch");
        _reading = ReadAsync();
    }

    public ValueTask SendAsync(WatchRequest request) => _call.WriteAsync(Proto.Encode(request));

    /// <summary>Waits for so many answers to requests in all.</summary>
    public Task<string> AnswerAsync(int number) => UntilAsync(() => _answers.Count > number ? _answers[number] : null, $"answer {number}");

    /// <summary>Waits for so many events of a watch and takes them away.</summary>
    public async Task<List<string>> EventsAsync(long watch, int count)
    {
        await UntilAsync(() => EventsOf(watch).Count >= count ? "" : null, $"{count} events of watch {watch}");
        lock (_gate)
        {
            var events = EventsOf(watch);
            _events.Remove(watch);
            return events;
        }
    }

    /// <summary>Where answers broke a promise by themselves.</summary>
    public List<string> Broken()
    {
        lock (_gate)
            return [.. _broken];
    }

    public async ValueTask DisposeAsync()
    {
        await _call.DisposeAsync();
        await _reading;
    }

    public static string Text(WatchEvent change) => Convert.ToHexString(Proto.Encode(new WatchResponse(default, 0) { Events = [change] }));

    private List<string> EventsOf(long watch) => _events.TryGetValue(watch, out var events) ? events : _events[watch] = [];

    private async Task<T> UntilAsync<T>(Func<T?> find, string what)
        where T : class
    {
        var deadline = Task.Delay(s_patience);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (find() is { } found)
                    return found;
                changed = _changed.Task;
            }

            if (await Task.WhenAny(changed, deadline, _reading) != changed)
                throw new TimeoutException($"{what} did not come; {string.Join("; ", _broken)}; there are {_answers.Count} answers and, by watch, {string.Join(", ", _events.Select(e => $"{e.Key}: {e.Value.Count}"))}");
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _call.ReadAsync() is { } bytes)
                Add(Proto.Decode<WatchResponse>(bytes.Span));
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
        catch (GrpcException failure)
        {
            lock (_gate)
                _broken.Add($"the stream ended: {failure.Message}");
        }
    }

    private void Add(WatchResponse response)
    {
        lock (_gate)
        {
            if (response.IsCreated)
                _last.Remove(response.Watch);        // an id may be used again
            if (response.Events.IsEmpty)
                _answers.Add($"{response.Watch} created {response.IsCreated} canceled {response.IsCanceled} '{response.CancelReason}' "
                    + $"compacted {response.Compacted} at {response.Header.Revision}");
            foreach (var change in response.Events)
                EventsOf(response.Watch).Add(Text(change));
            if (!response.Events.IsEmpty)
                Check(response);
            var before = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            before.SetResult();
        }
    }

    /// <summary>A revision comes whole and once: the next answer of a watch begins after it.</summary>
    private void Check(WatchResponse response)
    {
        var (first, last) = (response.Events[0].Key.Modified.Number, response.Events[^1].Key.Modified.Number);
        if (_last.TryGetValue(response.Watch, out var before) && first <= before)
            _broken.Add($"watch {response.Watch}: an answer begins with revision {first}, and {before} was told before");
        if (response.Header.Revision.Number < last)
            _broken.Add($"watch {response.Watch}: an answer at {response.Header.Revision} tells of {last}");
        _last[response.Watch] = last;
    }
}
