using Muster.Jobs.Coordinator;
using Muster.Jobs.Nodes;
using Muster.Jobs.Records;
using Muster.Jobs.Requests;
using Muster.Jobs.Specification;
using Muster.Jobs.Tests.World;
using Muster.Primitives;

namespace Muster.Jobs.Tests;

public sealed class CoordinatorCoreTests
{
    private static readonly JobId s_job = new("j");

    [Fact]
    public void Every_transaction_is_guarded_by_leadership_and_by_current()
    {
        var world = Running();
        var transactions = new List<Transaction>();
        world.Performed = effect =>
        {
            if (effect is CoordinatorEffect.Transact(_, _, var transaction))
                transactions.Add(transaction);
        };

        world.Nodes[new("a")].Exit(s_job, 0, 1, 0, asked: false);
        world.Report(world.Nodes[new("a")]);
        world.Drain();

        Assert.NotEmpty(transactions);
        Assert.All(transactions, transaction =>
        {
            Assert.Contains(transaction.Guards, guard => guard.Target == CompareTarget.CreateRevision && guard.Keys.Start.ToString().StartsWith(JobKeys.Elections, StringComparison.Ordinal));
            Assert.Contains(transaction.Guards, guard => guard.Target == CompareTarget.ModifyRevision && guard.Keys.Start == JobKeys.Current(s_job));
            Assert.Contains(transaction.Then, operation => operation is Operation.Put put && put.Key == JobKeys.Current(s_job));
        });
    }

    [Fact]
    public void A_deposed_leader_decides_nothing()
    {
        var world = Running();
        world.Store.Apply(Transaction.Always(new Operation.Delete(KeyRange.Prefix(JobKeys.Elections))));
        var before = world.Store.At;

        world.Nodes[new("a")].Exit(s_job, 0, 1, 0, asked: false);
        world.Report(world.Nodes[new("a")]);
        world.PerformNext();

        Assert.Equal(before, world.Store.At);
    }

    [Fact]
    public void The_same_inputs_give_the_same_effects()
    {
        var inputs = Inputs();

        var first = Effects(inputs);
        var second = Effects(inputs);

        Assert.NotEmpty(first);
        Assert.Equal(first, second);
    }

    [Fact]
    public void Reconciling_twice_is_reconciling_once()
    {
        var world = Running();

        world.Read();
        world.Report(world.Nodes[new("a")]);
        world.Read();

        Assert.False(world.HasEffects);
    }

    [Fact]
    public void A_job_written_by_a_newer_version_is_left_alone_and_its_nodes_are_told_nothing()
    {
        var world = Running();
        world.Store.Apply(Transaction.Always(new Operation.Put(JobKeys.Status(s_job), ByteString.From("{\"v\":2}"))));
        var told = 0;
        world.Performed = _ => told++;
        world.TakeOffice();

        world.Report(world.Nodes[new("a")]);
        world.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(0, told);
        Assert.Contains("version 2", world.Core!.View(s_job)!.Reason, StringComparison.Ordinal);
        Assert.Equal(NodePhase.Running, world.Nodes[new("a")].Jobs[s_job].Phase);
    }

    [Fact]
    public void Secrets_reach_the_ranks_and_nothing_else()
    {
        var world = new JobWorld();
        world.TakeOffice();
        world.AddNode(new(new("a"), []));
        var specification = Specification() with { Environment = Specification().Environment.Add("TOKEN", null) };

        Assert.IsType<RequestPlan.Refused>(SubmitRequest.Plan(null, specification, new()));
        world.Request(SubmitRequest.Plan(null, specification, new() { Secrets = new Dictionary<string, string> { ["TOKEN"] = "hush-hush" } }));
        world.Drain();

        Assert.Equal("hush-hush", world.Nodes[new("a")].Wish!.Jobs[0].Launch.Specification.Environment["TOKEN"]);
        Assert.DoesNotContain(world.Store.Keys, key => key.Key != JobKeys.Secrets(s_job) && key.Value.ToString().Contains("hush", StringComparison.Ordinal));
    }

    [Fact]
    public void Events_are_capped_and_the_oldest_go_first()
    {
        var world = Running(new() { EventsMax = 10 });

        for (var i = 0; i < 8; i++)
        {
            world.Nodes[new("a")].Exit(s_job, 0, 1, 0, asked: false);
            world.Report(world.Nodes[new("a")]);
            world.Advance(TimeSpan.FromMinutes(2));
        }

        var events = world.Job(s_job)!.Events;
        Assert.Equal(10, events.Length);
        Assert.Equal(world.Job(s_job)!.Current!.Value.EventSequence, events[^1].Value.Event.Sequence);
    }

    private static JobSpecification Specification() => new() { Name = s_job, Run = ["x"], WorkingDirectory = "/" };

    private static JobWorld Running(CoordinatorLimits? limits = null)
    {
        var world = new JobWorld { Options = new() { CheckpointRoot = "/ckpt", Limits = limits ?? new() } };
        world.TakeOffice();
        world.AddNode(new(new("a"), []));
        world.Request(SubmitRequest.Plan(null, Specification(), new()));
        world.Drain();
        return world;
    }

    private static List<CoordinatorInput> Inputs()
    {
        var world = Running();
        var node = world.Nodes[new("a")];
        var inputs = new List<CoordinatorInput> { new CoordinatorInput.StoreRead(world.Store.At, world.Store.Keys, default) };
        node.Exit(s_job, 0, 1, 0, asked: false);
        inputs.Add(new CoordinatorInput.NodeReported(node.Snapshot(), Instant.FromSeconds(1)));
        inputs.Add(new CoordinatorInput.TransactionFailed(1, "unavailable", Instant.FromSeconds(2)));
        inputs.Add(new CoordinatorInput.StoreRead(world.Store.At, world.Store.Keys, Instant.FromSeconds(4)));
        return inputs;
    }

    private static List<string> Effects(List<CoordinatorInput> inputs)
    {
        var core = new CoordinatorCore(JobKeys.Candidate(new(1)), new(JobWorld.Cluster, new(3)), new() { CheckpointRoot = "/ckpt" });
        return [.. inputs.SelectMany(input => core.Step(input)).Select(effect => effect is CoordinatorEffect.Transact(var id, _, var transaction)
            ? $"{id} {string.Join(' ', transaction.Guards)} {string.Join(' ', transaction.Then)}"
            : effect.ToString()!)];
    }
}
