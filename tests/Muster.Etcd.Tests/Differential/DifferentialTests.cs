using Muster.Etcd.Tests.Servers;
using Muster.Keyspace;
using Muster.Keyspace.Tests;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Etcd.Tests.Differential;

/// <summary>Random programs on a real etcd and on Muster: equal answers, revisions and events.</summary>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const int Programs = 5, OperationsEach = 40_000, ReadsBetweenWrites = 4, WatchesAtOnce = 12, WritesBetweenWatches = 300;

    private long _operations, _refusals, _events, _watches;

    [Fact]
    public async Task Random_programs_get_the_same_answers_revisions_and_events_from_etcd_and_from_Muster()
    {
        RealEtcd.Require();
        await Task.WhenAll(Enumerable.Range(0, Programs).Select(i => Task.Run(() => ProgramAsync(Seeds.First + (ulong)i))));

        output.WriteLine($"count: {_operations} operations compared with etcd, {_refusals} of them refused by both");
        output.WriteLine($"count: {_watches} watches with {_events} events compared with etcd");
        Assert.True(_operations >= 200_000);
        Assert.True(_refusals > 2_000 && _events > 50_000 && _watches > 500, $"{_refusals} refusals, {_events} events, {_watches} watches");
    }

    private async Task ProgramAsync(ulong seed)
    {
        using var place = new Workplace();
        await using var etcd = await RealEtcd.StartAsync(place["etcd"]);
        await using var muster = await ServedStore.StartAsync(place["muster"]);
        using var real = new GrpcChannel(etcd.Address);
        using var ours = new GrpcChannel(muster.Address);
        var random = new SeededRandom(seed);
        var requests = new Requests(random);
        var model = new KeyspaceMachine(KeyspaceLimits.Default);
        await using var watches = new WatchPair(real, ours, random);
        try
        {
            for (int operations = 0, writes = 0; operations < OperationsEach; writes++)
            {
                if (writes % WritesBetweenWatches == 0)
                    await ChangeWatchesAsync(watches, model);
                operations += await StepAsync(requests, random, model, watches, real, ours);
            }

            await watches.SettleAsync(model);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"Replay as the first program: MUSTER_SEED={seed}\n{failure.Message}{etcd.LastWords()}", failure);
        }

        Interlocked.Add(ref _events, watches.Events);
        Interlocked.Add(ref _watches, watches.Opened);
    }

    private static async Task ChangeWatchesAsync(WatchPair watches, KeyspaceMachine model)
    {
        await watches.SettleAsync(model);
        for (var i = 0; i < WatchesAtOnce; i++)
            await watches.CancelOneAsync();
        for (var i = 0; i < WatchesAtOnce; i++)
            await watches.OpenAsync(model);
        await watches.SettleAsync(model);
    }

    /// <summary>One write, then some reads at once.</summary>
    private async Task<int> StepAsync(
        Requests requests, SeededRandom random, KeyspaceMachine model, WatchPair watches, GrpcChannel real, GrpcChannel ours)
    {
        var (write, command) = requests.Write(model.Revision.Number, model.Compacted.Number);
        if (command is Command.Compact)
            await watches.SettleAsync(model);          // what an event's key was before is gone afterwards
        await SameAsync(write, real, ours);
        model.Apply(command);
        var reads = Enumerable.Range(0, random.Next(2 * ReadsBetweenWrites + 1)).Select(_ => requests.Read(model.Revision.Number)).ToList();
        await Task.WhenAll(reads.Select(read => SameAsync(read, real, ours)));
        return 1 + reads.Count;
    }

    private async Task SameAsync(Request request, GrpcChannel real, GrpcChannel ours)
    {
        var theirs = Reply.OfAsync(real, request);
        var mine = await Reply.OfAsync(ours, request);
        Assert.True(await theirs == mine, $"{request.What}\netcd:   {await theirs}\nMuster: {mine}\n{Convert.ToHexString(request.Bytes)}");
        Interlocked.Increment(ref _operations);
        if (mine.Status.Code != GrpcCode.Ok)
            Interlocked.Increment(ref _refusals);
    }
}
