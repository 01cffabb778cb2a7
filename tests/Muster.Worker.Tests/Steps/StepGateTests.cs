using Muster.Worker.Steps;

namespace Muster.Worker.Tests.Steps;

public sealed class StepGateTests
{
    private static readonly int Cases = 10_000 * (int.TryParse(Environment.GetEnvironmentVariable("MUSTER_SCALE"), out var scale) ? scale : 1);
    private const int PlantedCases = 500;
    private static readonly ulong SeedBase = ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    [Fact]
    public void A_step_ahead_is_promised_and_waited_at()
    {
        var gate = At(5);

        var answer = gate.OnWish(Ask(1, 6));
        gate.Reach(6);

        Assert.Equal(new Answer.Promise(1, 5), answer);
        Assert.Equal((Turn.Wait, Turn.Wait), (gate.AtSave(), gate.AtEnd()));
    }

    [Fact]
    public void A_step_counted_as_done_is_refused_even_before_its_save()
    {
        var gate = At(5);

        gate.Reach(6);
        var answer = gate.OnWish(Ask(1, 6));

        Assert.Equal(new Answer.Refuse(1, 6), answer);
        Assert.Equal(Turn.Go, gate.AtSave());
    }

    [Fact]
    public void A_confirmed_request_is_saved_and_one_that_ends_ends_the_loop()
    {
        var gate = At(5);
        gate.OnWish(Ask(1, 6));
        gate.Reach(6);

        gate.OnWish(Ask(1, 6, RequestState.Confirmed));

        Assert.Equal((Turn.Save, Turn.End), (gate.AtSave(), gate.AtEnd()));
        Assert.True(gate.EndedEarly);
    }

    [Theory]
    [InlineData("cancelled")]
    [InlineData("replaced")]
    [InlineData("withdrawn")]
    public void A_promise_binds_until_its_request_is(string given)
    {
        var gate = At(5);
        gate.OnWish(Ask(1, 6));
        gate.Reach(6);

        gate.OnWish(given switch
        {
            "cancelled" => Ask(1, 6, RequestState.Cancelled),
            "replaced" => Ask(2, 9),
            _ => null,
        });

        Assert.Equal((Turn.Go, Turn.Go), (gate.AtSave(), gate.AtEnd()));
    }

    [Fact]
    public void Each_id_is_answered_once_and_the_answer_stands()
    {
        var gate = At(5);

        var first = gate.OnWish(Ask(1, 9));
        gate.Reach(6);
        var second = gate.OnWish(Ask(1, 9));

        Assert.Null(second);
        Assert.Equal(first, gate.StandingAnswer);
    }

    [Fact]
    public void A_confirmation_is_kept_when_the_next_request_arrives_before_its_step()
    {
        var gate = At(5);
        gate.OnWish(Ask(1, 7, ends: false));
        gate.OnWish(Ask(1, 7, RequestState.Confirmed, ends: false));

        gate.OnWish(Ask(2, 9));
        gate.Reach(6);
        var before = (gate.AtSave(), gate.AtEnd());
        gate.Reach(7);

        Assert.Equal((Turn.Go, Turn.Go), before);
        Assert.Equal((Turn.Save, Turn.Go), (gate.AtSave(), gate.AtEnd()));
    }

    [Fact]
    public void A_confirmation_of_a_request_never_seen_is_honoured_while_its_step_is_ahead()
    {
        var gate = At(5);

        gate.OnWish(Ask(1, 6, RequestState.Confirmed));
        gate.Reach(6);

        Assert.Equal((Turn.Save, Turn.End), (gate.AtSave(), gate.AtEnd()));
    }

    [Fact]
    public void Nothing_is_promised_beyond_the_end_of_the_loop()
    {
        var ending = At(5);
        ending.OnWish(Ask(1, 7));
        ending.OnWish(Ask(1, 7, RequestState.Confirmed));
        var left = At(5);
        left.Leave();

        Assert.IsType<Answer.Refuse>(ending.OnWish(Ask(2, 8)));
        Assert.IsType<Answer.Refuse>(At(5, total: 10).OnWish(Ask(1, 11)));
        Assert.IsType<Answer.Refuse>(left.OnWish(Ask(1, 8)));
    }

    [Fact]
    public void No_more_confirmed_requests_are_kept_than_the_limit()
    {
        var gate = At(0);
        for (var id = 1; id <= StepGate.ConfirmedMax; id++)
        {
            gate.OnWish(Ask(id, id, ends: false));
            gate.OnWish(Ask(id, id, RequestState.Confirmed, ends: false));
        }

        var answer = gate.OnWish(Ask(99, 50));

        Assert.IsType<Answer.Refuse>(answer);
    }

    [Fact]
    public void Periodic_and_last_steps_are_due_without_waiting_for_a_promise()
    {
        var gate = At(5, every: 3, total: 7);
        gate.OnWish(Ask(1, 6));

        gate.Reach(6);
        var periodic = (gate.AtSave(), gate.AtEnd());
        gate.OnWish(null);
        gate.Reach(7);

        Assert.Equal((Turn.Save, Turn.Wait), periodic);
        Assert.Equal((Turn.Save, Turn.End), (gate.AtSave(), gate.AtEnd()));
        Assert.False(gate.EndedEarly);
    }

    [Fact]
    public void Ranks_always_end_after_the_same_step_and_save_exactly_what_is_due()
    {
        var (saved, ended, cancelled) = (0, 0, 0);

        for (var seed = SeedBase; seed < SeedBase + (ulong)Cases; seed++)
        {
            var world = new SimulatedWorld(seed);
            var wrong = world.Run();
            Assert.True(wrong is null, $"MUSTER_SEED={seed}: {wrong}");
            saved += world.ConfirmedAny ? 1 : 0;
            ended += world.ConfirmedEnd ? 1 : 0;
            cancelled += world.CancelledAny ? 1 : 0;
        }

        Assert.All([saved, ended, cancelled], reached => Assert.True(reached > Cases / 20, $"only {reached} of {Cases} worlds reached it"));
    }

    [Theory]
    [InlineData(nameof(Planted.LatePromise))]
    [InlineData(nameof(Planted.NoWait))]
    public void The_check_finds_planted_bugs(string planted)
    {
        var found = 0;

        for (var seed = SeedBase; seed < SeedBase + PlantedCases; seed++)
            found += Breaks(seed, Enum.Parse<Planted>(planted)) ? 1 : 0;

        Assert.True(found > 0);
    }

    private static bool Breaks(ulong seed, Planted planted)
    {
        try
        {
            return new SimulatedWorld(seed, planted).Run() is not null;
        }
        catch (Muster.Primitives.InvariantBrokenException)
        {
            return true;
        }
    }

    private static StepGate At(long done, long every = 0, long total = 100)
    {
        var gate = new StepGate(every, done);
        gate.Begin(total);
        return gate;
    }

    private static CheckpointRequest Ask(long id, long step, RequestState state = RequestState.Proposed, bool ends = true) =>
        new(id, step, ends, state);
}
