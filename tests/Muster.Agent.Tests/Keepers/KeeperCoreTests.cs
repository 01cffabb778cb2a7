using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Agent.Tests.Keepers;

public sealed class KeeperCoreTests
{
    private static readonly StopOrder s_stop = new(StopKind.Failure, 15, TimeSpan.FromSeconds(1));

    [Fact]
    public void A_generation_is_in_the_journal_before_anything_of_it_is_started()
    {
        var world = new KeeperWorld().Want(KeeperWorld.Wish(1));

        var persist = world.Effects.FindIndex(effect => effect is KeeperEffect.Persist { Journal.Generation.Number: 1 });
        Assert.InRange(persist, 0, world.Effects.FindIndex(effect => effect is KeeperEffect.StartRank or KeeperEffect.OpenSocket) - 1);
    }

    [Fact]
    public void An_order_said_again_starts_and_signals_nothing_twice()
    {
        var world = new KeeperWorld().Want(KeeperWorld.Wish(1)).Want(KeeperWorld.Wish(1));
        var stopping = KeeperWorld.Wish(1) with { Stop = s_stop };
        world.Want(stopping).Want(stopping).Want(KeeperWorld.Wish(1));

        Assert.Equal(2, world.Count<KeeperEffect.StartRank>());
        Assert.Equal(2, world.Effects.Count(effect => effect is KeeperEffect.SignalGroup { Signal: 15 }));
    }

    [Fact]
    public void Ranks_that_start_cold_follow_rank_0_a_moment_later()
    {
        var world = new KeeperWorld(headStart: TimeSpan.FromMilliseconds(50)).Want(KeeperWorld.Wish(1, ranks: 3));

        Assert.Equal([0], Started(world));
        Assert.Equal(NodePhase.Starting, world.Facts.Phase);
        world.Advance(0.04);
        Assert.Equal([0], Started(world));
        world.Advance(0.02);
        Assert.Equal([0, 1, 2], Started(world));
        Assert.Equal(NodePhase.Running, world.Facts.Phase);
    }

    [Fact]
    public void Nobody_is_held_back_who_is_alone_or_warm_or_whose_rank_0_is_elsewhere()
    {
        var wait = TimeSpan.FromSeconds(10);
        var alone = new KeeperWorld(headStart: wait).Want(KeeperWorld.Wish(1, ranks: 1));
        var elsewhere = KeeperWorld.Wish(1, ranks: 2);
        elsewhere = elsewhere with
        {
            Launch = elsewhere.Launch with { MasterPort = 29_500, WorldSize = 4, Ranks = [.. new[] { 2, 3 }.Select(rank => new RankPlacement(new Rank(rank), rank - 2, []))] },
        };
        var warm = new KeeperWorld(python: "/lib", headStart: TimeSpan.FromMilliseconds(50)).Want(KeeperWorld.Wish(1, 2, Warm)).Advance(1);
        warm.EndRank(0).EndRank(1).Advance(0.1).Want(KeeperWorld.Wish(2, 2, Warm));

        Assert.Equal([0], Started(alone));
        Assert.Equal([2, 3], Started(new KeeperWorld(headStart: wait).Want(elsewhere)));
        Assert.Equal(2, warm.Count<KeeperEffect.TakeOver>());
    }

    [Fact]
    public void A_rank_that_was_held_back_is_not_started_after_the_order_to_stop()
    {
        var world = new KeeperWorld(headStart: TimeSpan.FromMilliseconds(50)).Want(KeeperWorld.Wish(1));

        world.Want(KeeperWorld.Wish(1) with { Stop = s_stop }).Advance(2);

        Assert.Equal([0], Started(world));
        Assert.Equal(NodePhase.Ended, world.Facts.Phase);
    }

    private static IEnumerable<int> Started(KeeperWorld world) =>
        world.Effects.OfType<KeeperEffect.StartRank>().Select(start => start.Rank.Number);

    [Fact]
    public void A_smaller_token_another_cluster_or_an_older_generation_is_not_obeyed()
    {
        var world = new KeeperWorld().Want(KeeperWorld.Wish(2), leader: 5);

        world.Want(KeeperWorld.Wish(3), leader: 4);
        world.Want(KeeperWorld.Wish(1), leader: 6);
        world.Step(new KeeperInput.Ordered(
            new KeeperOrder.Want(new FencingToken(new ClusterId(9), new Revision(99)), KeeperWorld.Wish(4)), Instant.Origin));

        Assert.Equal((2L, 2), (world.Facts.Generation.Number, world.Count<KeeperEffect.StartRank>()));
    }

    [Fact]
    public void An_exit_is_on_disk_before_it_is_told()
    {
        var world = new KeeperWorld().Want(KeeperWorld.Wish(1));
        world.Effects.Clear();

        world.EndRank(1, code: 3);

        var persist = world.Effects.FindIndex(effect => effect is KeeperEffect.Persist(var journal) && journal.Exits.Any(exit => exit.Exit.Code == 3));
        var tell = world.Effects.FindIndex(effect => effect is KeeperEffect.Tell(var facts) && facts.Ranks[1].Exit is not null);
        Assert.True(persist >= 0 && tell > persist);
        Assert.Equal(RankPhase.Started, world.Facts.Ranks[0].Phase);
    }

    [Fact]
    public void What_ignores_the_signal_is_killed_when_the_grace_is_over_and_not_before()
    {
        var world = new KeeperWorld().Want(KeeperWorld.Wish(1)).Want(KeeperWorld.Wish(1) with { Stop = s_stop });

        world.Advance(0.9);
        Assert.Equal(NodePhase.Stopping, world.Facts.Phase);
        world.Advance(0.2);

        Assert.Equal(NodePhase.Ended, world.Facts.Phase);
        Assert.All(world.Facts.Ranks, rank => Assert.Equal((9, true), (rank.Exit!.Signal, rank.Exit.Asked)));
    }

    [Fact]
    public void The_end_is_not_told_while_a_grandchild_runs()
    {
        var world = new KeeperWorld().Want(KeeperWorld.Wish(1));
        world.Others.Add(new SeenProcess(new HostProcess(77, 1), 1, 77, "job", KeeperWorld.Self, "a", null));
        world.Others.Add(new SeenProcess(new HostProcess(78, 1), KeeperWorld.Self.Pid, 78, null, null, null, null));
        world.Others.Add(new SeenProcess(new HostProcess(79, 1), 1, 79, "job", new HostProcess(5, 5), "b", null));

        world.EndRank(0).EndRank(1);
        Assert.Equal(NodePhase.Stopping, world.Facts.Phase);
        world.Advance(1.2);

        Assert.Equal(NodePhase.Ended, world.Facts.Phase);
        Assert.Equal([79], world.Others.Select(other => other.Process.Pid));   // another keeper's
    }

    [Fact]
    public void A_newer_generation_ends_the_old_one_first()
    {
        var world = new KeeperWorld().Want(KeeperWorld.Wish(1)).Want(KeeperWorld.Wish(2));
        Assert.Equal((1L, NodePhase.Stopping), (world.Facts.Generation.Number, world.Facts.Phase));

        world.Advance(1.1);

        Assert.Equal((2L, NodePhase.Running), (world.Facts.Generation.Number, world.Facts.Phase));
        Assert.Contains(world.Effects, effect => effect is KeeperEffect.Persist { Journal: { Generation.Number: 1, Ended: true } });
    }

    [Fact]
    public void Without_an_agent_the_ranks_end_and_the_keeper_after_them()
    {
        var world = new KeeperWorld().Want(KeeperWorld.Wish(1));

        world.Advance(119);
        Assert.Equal(NodePhase.Running, world.Facts.Phase);
        world.Advance(3);

        Assert.Equal(NodePhase.Ended, world.Facts.Phase);
        Assert.Contains("orphanAfter", world.Exit, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_waits_for_the_one_in_flight_and_for_commits()
    {
        var world = new KeeperWorld { SealsAtOnce = false }.Want(KeeperWorld.Wish(1, 1, Bound(2)));
        world.Save(0, 10);
        var second = world.Ask(0, new WorkerRequest.BeginCheckpoint(new TrainingStep(20), Background: true));
        Assert.False(world.Answers.ContainsKey(second));

        Seal(world, 10);
        Assert.IsType<WorkerAnswer.Directory>(world.Answers[second]);
        world.Ask(0, new WorkerRequest.FinishCheckpoint(new TrainingStep(20)));
        Seal(world, 20);
        var third = world.Ask(0, new WorkerRequest.BeginCheckpoint(new TrainingStep(30), Background: true));
        Assert.Equal(RankPhase.Waiting, world.Facts.Ranks[0].Phase);
        world.Want(KeeperWorld.Wish(1, 1, Bound(2)) with { Committed = new TrainingStep(10) });

        Assert.IsType<WorkerAnswer.Directory>(world.Answers[third]);
        Assert.Equal([20L], world.Facts.Shards.Select(shard => shard.Step.Number));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(9)]
    public void A_step_that_is_not_later_than_the_last_is_refused(long step)
    {
        var world = new KeeperWorld().Want(KeeperWorld.Wish(1, 1)).Save(0, 10);

        var again = world.Ask(0, new WorkerRequest.BeginCheckpoint(new TrainingStep(step), Background: false));

        Assert.Equal(409, ((WorkerAnswer.Refusal)world.Answers[again]).Status);
    }

    [Fact]
    public void A_shard_is_in_the_journal_before_it_is_told()
    {
        var world = new KeeperWorld().Want(KeeperWorld.Wish(1, 1)).Save(0, 10);

        var persist = world.Effects.FindIndex(effect => effect is KeeperEffect.Persist { Journal.Shards.Length: 1 });
        var tell = world.Effects.FindIndex(effect => effect is KeeperEffect.Tell { Facts.Shards.Length: 1 });
        Assert.True(persist >= 0 && tell > persist);
    }

    [Fact]
    public void A_join_is_answered_once_the_files_to_resume_from_were_found_whole()
    {
        var wish = KeeperWorld.Wish(2, 1);
        var from = new CheckpointReference(new TrainingStep(10), new Generation(1), 1, new string('a', 32));
        var world = new KeeperWorld { VerifiesAtOnce = false }.Want(wish with { Launch = wish.Launch with { RestoreFrom = from } });

        var join = world.Ask(0, new WorkerRequest.Join("test"));
        Assert.False(world.Answers.ContainsKey(join));
        world.Step(new KeeperInput.Verified(new Generation(2), new Rank(0), null));

        Assert.Equal("/checkpoints/job/10.1/rank-0", ((WorkerAnswer.Run)world.Answers[join]).Description.Restore!.Directory);
    }

    [Fact]
    public void With_another_world_size_no_directory_is_named_and_all_shards_are_checked_when_asked_for()
    {
        var wish = KeeperWorld.Wish(2, 1);
        var from = new CheckpointReference(new TrainingStep(10), new Generation(1), 3, new string('a', 32));
        var world = new KeeperWorld().Want(wish with { Launch = wish.Launch with { RestoreFrom = from } });

        var join = world.Ask(0, new WorkerRequest.Join("test"));
        var shards = world.Ask(0, new WorkerRequest.ListShards());
        world.Step(new KeeperInput.ShardsVerified(new Generation(2), null));

        Assert.Null(((WorkerAnswer.Run)world.Answers[join]).Description.Restore!.Directory);
        Assert.Equal(3, ((WorkerAnswer.Shards)world.Answers[shards]).Directories.Length);
    }

    [Fact]
    public void An_answer_to_a_request_is_taken_once_and_a_wish_is_said_once()
    {
        var world = new KeeperWorld().Want(KeeperWorld.Wish(1, 1));
        var request = new CheckpointRequest(7, new TrainingStep(12), Ends: true, CheckpointRequestState.Proposed);

        world.Want(KeeperWorld.Wish(1, 1) with { Checkpoint = request }).Want(KeeperWorld.Wish(1, 1) with { Checkpoint = request });
        world.Report(0, new WorkerReport.Promised(7, new TrainingStep(12))).Report(0, new WorkerReport.Refused(7, new TrainingStep(13)));

        Assert.Single(world.Effects.OfType<KeeperEffect.Wish>(), wish => wish.Line.Request == request);
        Assert.Equal(new CheckpointAnswer(7, Promised: true, new TrainingStep(12)), world.Facts.Ranks[0].Answer);
    }

    [Fact]
    public void A_spare_is_taken_over_when_only_the_generation_differs()
    {
        var world = new KeeperWorld(python: "/lib").Want(KeeperWorld.Wish(1, 2, Warm)).Advance(1);
        Assert.Equal(2, world.Facts.WarmSpares);

        world.Want(KeeperWorld.Wish(2, 2, Warm)).Advance(1.1);

        Assert.All(world.Facts.Ranks, rank => Assert.True(rank.WarmStart));
        var order = world.Effects.OfType<KeeperEffect.TakeOver>().First().Order;
        Assert.Equal(("train.py", "2"), (order.Script, order.Environment["MUSTER_GENERATION"]));
    }

    [Fact]
    public void Any_other_difference_means_a_cold_start()
    {
        var world = new KeeperWorld(python: "/lib").Want(KeeperWorld.Wish(1, 1, Warm)).Advance(1);

        world.Want(KeeperWorld.Wish(2, 1, specification => Warm(specification) with { Environment = specification.Environment.Add("LR", "3") })).Advance(1.1);

        Assert.False(world.Facts.Ranks[0].WarmStart);
        Assert.Equal(0, world.Count<KeeperEffect.TakeOver>());
    }

    [Fact]
    public void A_rank_sees_torchruns_variables_and_no_mark_of_a_muster_around_it()
    {
        var world = new KeeperWorld().Want(KeeperWorld.Wish(1));

        var environment = world.Effects.OfType<KeeperEffect.StartRank>().Last().Launch.Environment;

        Assert.Equal("1 2 1 2 0 1 127.0.0.1 29500 1 job 1 100:1 /root", string.Join(' ', ((string[])
            ["RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "GROUP_RANK", "GROUP_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT",
             "OMP_NUM_THREADS", "MUSTER_JOB", "MUSTER_GENERATION", "MUSTER_KEEPER", "HOME"]).Select(name => environment[name])));
    }

    private static JobSpecification Warm(JobSpecification specification) => specification with { WarmPythonModules = ["torch"] };

    private static Func<JobSpecification, JobSpecification> Bound(int uncommitted) => specification =>
        specification with { Checkpoint = new CheckpointSpecification { UncommittedMax = uncommitted } };

    private static void Seal(KeeperWorld world, long step) => world.Step(new KeeperInput.Sealed(
        new Generation(1), new Rank(0), new TrainingStep(step), [new ShardFile("f", 1, new string('0', 32))], Instant.Origin));
}
