using Muster.Worker.Keeper;

namespace Muster.Worker.Tests.Keeper;

public sealed class RestoreFailureTests : KeeperTest
{
    [Fact]
    public void A_failed_load_is_told_on_the_way_out()
    {
        RestoreFailure.Tell(new KeeperClient(Keeper.Path), 600, new InvalidDataException("unexpected key in state"));

        Keeper.WaitForLine("""{"restore_failed": 600, "error": "InvalidDataException: unexpected key in state"}""");
        Assert.Equal(1, Keeper.StreamsEnded);
    }

    [Fact]
    public void A_keeper_that_is_away_does_not_hold_the_exit()
    {
        Keeper.GoAway();

        var failure = Record.Exception(() => RestoreFailure.Tell(new KeeperClient(Keeper.Path), 600, new InvalidDataException("no")));

        Assert.Null(failure);
    }
}
