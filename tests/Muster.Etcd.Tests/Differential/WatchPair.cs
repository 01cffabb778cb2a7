using Muster.Codecs.Etcd;
using Muster.Keyspace;
using Muster.Keyspace.Tests.Oracle;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Etcd.Tests.Differential;

/// <summary>The same watches on both servers, and what the model says that each must be told.</summary>
internal sealed class WatchPair(GrpcChannel real, GrpcChannel ours, SeededRandom random) : IAsyncDisposable
{
    private readonly WatchRecord _real = new(real), _ours = new(ours);
    private readonly Programs _programs = new(random);
    private readonly SortedDictionary<long, (WatchFilter Filter, Revision Next)> _open = [];
    private int _answers;

    /// <summary>Events compared.</summary>
    public long Events { get; private set; }

    /// <summary>Watches opened.</summary>
    public long Opened { get; private set; }

    /// <summary>Opens a watch on both; what it must tell is known from now on.</summary>
    public async Task OpenAsync(KeyspaceMachine model)
    {
        var filter = new WatchFilter(random.Chance(0.02) ? new(new([5]), new([2])) : _programs.Keys())
        {
            NoPuts = random.Chance(0.2),
            NoDeletes = random.Chance(0.2),
            ReturnPrevious = random.Chance(0.5),
        };
        var revision = model.Revision.Number;
        var from = random.Chance(0.4) ? 0 : Math.Max(0, revision + 3 - random.Next(200));
        var id = random.Chance(0.7) ? 0 : random.Next(1, 40);
        var answer = await AskAsync(new WatchRequest.Create(filter, new(from), id));
        if (!answer.Contains("canceled False", StringComparison.Ordinal))
            return;
        Opened++;
        var watch = long.Parse(answer[..answer.IndexOf(' ')]);
        var start = new Revision(from == 0 ? revision + 1 : from);
        if (start < model.Compacted)
            await SameAnswerAsync();           // "canceled", naming the compacted revision
        else
            _open.Add(watch, (Normal(filter), start));
    }

    public async Task CancelOneAsync()
    {
        if (_open.Count == 0)
            return;
        var watch = _open.Keys.ElementAt(random.Next(_open.Count));
        _open.Remove(watch);
        await AskAsync(new WatchRequest.Cancel(watch));
    }

    /// <summary>Waits until every watch was told everything that has happened, and compares.</summary>
    public async Task SettleAsync(KeyspaceMachine model)
    {
        foreach (var (watch, (filter, next)) in _open.ToList())
        {
            var expected = new List<string>();
            var at = next;
            while (at <= model.Revision)
            {
                var batch = Assert.IsType<EventsOutcome.Batch>(model.ReadEvents(filter, at));
                expected.AddRange(batch.Events.Select(WatchRecord.Text));
                at = batch.Next;
            }

            _open[watch] = (filter, at > next ? at : next);
            Same(watch, expected, await _real.EventsAsync(watch, expected.Count), "etcd");
            Same(watch, expected, await _ours.EventsAsync(watch, expected.Count), "Muster");
            Events += expected.Count;
        }

        Assert.Empty(_real.Broken());
        Assert.Empty(_ours.Broken());
    }

    public async ValueTask DisposeAsync()
    {
        await _real.DisposeAsync();
        await _ours.DisposeAsync();
    }

    private async Task<string> AskAsync(WatchRequest request)
    {
        await _real.SendAsync(request);
        await _ours.SendAsync(request);
        return await SameAnswerAsync();
    }

    private async Task<string> SameAnswerAsync()
    {
        var (real, ours) = (await _real.AnswerAsync(_answers), await _ours.AnswerAsync(_answers));
        _answers++;
        Assert.True(real == ours, $"a watch is answered differently\netcd:   {real}\nMuster: {ours}");
        return real;
    }

    private static void Same(long watch, List<string> expected, List<string> told, string who)
    {
        for (var i = 0; i < Math.Max(expected.Count, told.Count); i++)
        {
            var (want, got) = (i < expected.Count ? expected[i] : "nothing", i < told.Count ? told[i] : "nothing");
            Assert.True(want == got, $"{who}, watch {watch}, event {i}:\nshould be {want}\nis        {got}");
        }
    }

    private static WatchFilter Normal(WatchFilter filter) =>
        filter.Keys.Start.IsEmpty ? filter with { Keys = filter.Keys with { Start = KeyRange.All.Start } } : filter;
}
