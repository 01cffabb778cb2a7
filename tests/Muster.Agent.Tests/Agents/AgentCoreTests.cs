using System.Collections.Immutable;
using Muster.Agent.Tests.Keepers;
using Muster.Jobs.Agents;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Agent.Tests.Agents;

public sealed class AgentCoreTests
{
    private static readonly JobId s_job = KeeperWorld.Job;

    [Fact]
    public void Killed_between_any_two_effects_it_starts_each_generation_exactly_once()
    {
        var undisturbed = TwoGenerations(new AgentWorld(), diesAfter: null);
        Assert.InRange(undisturbed.Effects, 20, 1000);

        for (var crash = 0; crash < undisturbed.Effects; crash++)
        {
            var world = TwoGenerations(new AgentWorld(), crash);

            Assert.True((2L, NodePhase.Running) == (world.Facts(s_job)!.Generation.Number, world.Facts(s_job)!.Phase), $"crash before effect {crash}");
            Assert.True(world.KeepersStarted == 1, $"crash before effect {crash}: {world.KeepersStarted} keepers");
            Assert.True(world.Started.Distinct().Count() == world.Started.Count(), $"crash before effect {crash}: started {string.Join(",", world.Started)}");
        }
    }

    [Fact]
    public void The_journal_names_a_generation_before_its_keeper_is_started()
    {
        for (var crash = 0; crash < 30; crash++)
        {
            var world = new AgentWorld { Wish = Wishes(1, KeeperWorld.Wish(1)) };
            world.Start(crash);
            world.Advance(2);

            Assert.True(world.KeepersStarted == 0 || world.Journal.Jobs.Any(job => job.Generation.Number == 1), $"crash before effect {crash}");
        }
    }

    [Fact]
    public void A_lost_keeper_is_told_and_its_generation_ends_only_when_its_strays_are_gone()
    {
        var world = Running();
        world.Strays.Add(new SeenProcess(new HostProcess(90, 1), 1, 90, s_job.Name, new HostProcess(501, 501), "me", null));
        world.Strays.Add(new SeenProcess(new HostProcess(91, 1), 1, 91, s_job.Name, new HostProcess(9, 9), "another agent", null));

        world.KillKeeper(s_job);
        Assert.Equal((NodePhase.Stopping, true), (world.Facts(s_job)!.Phase, world.Facts(s_job)!.KeeperLost));
        world.Advance(1);

        Assert.Equal((NodePhase.Ended, true), (world.Facts(s_job)!.Phase, world.Facts(s_job)!.KeeperLost));
        Assert.Equal([91], world.Strays.Select(stray => stray.Process.Pid));
        Assert.Equal(1, world.KeepersStarted);
    }

    [Fact]
    public void A_keeper_lost_while_the_agent_was_away_is_found_lost()
    {
        var world = Running();
        world.KillKeeper(s_job, parentSees: false);

        world.Start();
        world.Advance(1);

        Assert.Equal((NodePhase.Ended, true), (world.Facts(s_job)!.Phase, world.Facts(s_job)!.KeeperLost));
        Assert.Equal(1, world.KeepersStarted);
    }

    [Fact]
    public void A_lost_generation_is_followed_by_a_new_keeper_when_a_newer_one_is_wished()
    {
        var world = Running();
        world.KillKeeper(s_job);
        world.Advance(1);

        world.Wish = Wishes(1, KeeperWorld.Wish(2));
        world.Advance(1);

        Assert.Equal((2L, NodePhase.Running, false), (world.Facts(s_job)!.Generation.Number, world.Facts(s_job)!.Phase, world.Facts(s_job)!.KeeperLost));
        Assert.Equal(2, world.KeepersStarted);
    }

    [Fact]
    public void A_coordinator_of_the_past_is_refused_also_after_a_restart()
    {
        var world = Running(leader: 5);

        world.Wish = Wishes(4, KeeperWorld.Wish(2));
        world.Advance(1);
        world.Start();
        world.Advance(1);

        Assert.Equal(1, world.Facts(s_job)?.Generation.Number ?? 1);
        Assert.Equal(1, world.KeepersStarted);
        Assert.DoesNotContain(2L, world.Started);
    }

    [Fact]
    public void A_job_that_is_no_longer_named_is_released_and_forgotten()
    {
        var world = Running();

        world.Wish = Wishes(1);
        world.Advance(1);

        Assert.Empty(world.Snapshot!.Jobs);
        Assert.Empty(world.Journal.Jobs);
    }

    [Fact]
    public void Facts_stay_as_long_as_the_job_is_named()
    {
        var world = Running();
        world.KillKeeper(s_job);

        world.Advance(30);
        world.Start();
        world.Advance(30);

        Assert.True(world.Facts(s_job)!.KeeperLost);
    }

    private static AgentWorld Running(long leader = 1)
    {
        var world = new AgentWorld { Wish = Wishes(leader, KeeperWorld.Wish(1)) };
        world.Start();
        world.Advance(1);
        Assert.Equal(NodePhase.Running, world.Facts(s_job)!.Phase);
        return world;
    }

    private static AgentWorld TwoGenerations(AgentWorld world, int? diesAfter)
    {
        world.Wish = Wishes(1, KeeperWorld.Wish(1));
        world.Start(diesAfter);
        world.Advance(2);
        if (world.Died)
            world.Start();
        world.Advance(2);
        world.Wish = Wishes(2, KeeperWorld.Wish(2));
        world.Advance(2);
        if (world.Died)
            world.Start();
        world.Advance(2);
        return world;
    }

    private static NodeAssignments Wishes(long leader, params JobAssignment[] jobs) => new(KeeperWorld.Leader(leader), [.. jobs]);
}
