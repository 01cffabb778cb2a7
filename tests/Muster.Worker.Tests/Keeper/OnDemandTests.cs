namespace Muster.Worker.Tests.Keeper;

public sealed class OnDemandTests : KeeperTest
{
    [Fact]
    public void A_promised_step_is_waited_at_and_a_confirmed_stop_ends_the_loop_there()
    {
        var run = Join();
        Ask("proposed", 5);
        Keeper.WaitForLine("""{"promise": 7, "step": 0}""");
        var seen = new List<long>();

        var ended = Start(() =>
        {
            foreach (var step in run.Steps(100))
            {
                seen.Add(step);
                run.Checkpoint(Save);
            }
        });
        Keeper.WaitForLine("""{"step": 5}""");
        var before = (Keeper.Done.Count, seen.Count);
        Ask("confirmed", 5);
        ended();

        Assert.Equal((0, 5), before);
        Assert.Equal([5], Keeper.Done.Keys);
        Assert.Equal((4, true), (seen[^1], run.IsStopping));
    }

    [Fact]
    public void A_cancelled_stop_is_not_saved_and_the_loop_goes_on()
    {
        var run = Join();
        Ask("proposed", 5);
        Keeper.WaitForLine("""{"promise": 7}""");

        var ended = Start(() =>
        {
            foreach (var _ in run.Steps(8))
                run.Checkpoint(Save);
        });
        Keeper.WaitForLine("""{"step": 5}""");
        Ask("cancelled", 5);
        ended();

        Assert.Equal([8], Keeper.Done.Keys);
        Assert.False(run.IsStopping);
    }

    [Fact]
    public void A_rank_past_the_step_refuses_and_says_how_far_it_is()
    {
        var run = Join();
        using var steps = run.Steps(100).GetEnumerator();
        for (var i = 0; i < 10; i++)
            steps.MoveNext();

        Ask("proposed", 9);

        Keeper.WaitForLine("""{"refuse": 7, "step": 9}""");
    }

    [Fact]
    public void An_answer_is_said_again_when_the_stream_broke()
    {
        Join();
        Ask("proposed", 5);
        Keeper.WaitForLine("""{"promise": 7}""");

        Keeper.GoAway();
        Keeper.Start();

        Keeper.WaitForLine("""{"promise": 7}""");
    }

    [Fact]
    public void A_program_that_never_saves_ends_where_a_stop_is_confirmed_and_says_that_it_saved_nothing()
    {
        var run = Join();
        Ask("proposed", 5);
        Keeper.WaitForLine("""{"promise": 7}""");
        var seen = new List<long>();

        var ended = Start(() => seen.AddRange(run.Steps(100)));
        Keeper.WaitForLine("""{"step": 5}""");
        Ask("confirmed", 5);
        ended();

        Assert.Equal([0, 1, 2, 3, 4], seen);
        Keeper.WaitForLine("""{"save_failed": 5}""");
    }

    [Fact]
    public void A_save_on_demand_that_does_not_end_costs_no_step()
    {
        var run = Join();
        Ask("proposed", 5, ends: false);
        Keeper.WaitForLine("""{"promise": 7}""");
        var seen = new List<long>();

        var ended = Start(() =>
        {
            foreach (var step in run.Steps(8))
            {
                seen.Add(step);
                run.Checkpoint(Save, background: true);
            }
        });
        Keeper.WaitForLine("""{"step": 5}""");
        Ask("confirmed", 5, ends: false);
        ended();

        Assert.Equal([5, 8], Keeper.Done.Keys);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], seen);
    }
}
