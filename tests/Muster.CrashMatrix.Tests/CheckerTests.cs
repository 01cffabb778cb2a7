using Muster.CrashMatrix.Tests.Cells;
using Muster.RealRuns;

namespace Muster.CrashMatrix.Tests;

/// <summary>The matrix compares weights; here are the mistakes that a faulty recovery makes, and each must be seen.</summary>
public sealed class CheckerTests
{
    [Fact]
    public void The_matrix_has_every_role_in_every_phase() =>
        Assert.Equal(CellCount.Floor, Enum.GetValues<Victim>().Length * Enum.GetValues<Phase>().Length);

    [Fact]
    public void A_batch_left_out_changes_the_weights()
    {
        var broken = Cell.WeightsOf(new TrainingJob { Extra = "--break drop-batch@17" });

        Assert.NotEqual(Cell.Undisturbed(2), broken);
    }

    [Fact]
    public void Two_ranks_with_each_others_data_change_the_weights()
    {
        var broken = Cell.WeightsOf(new TrainingJob { Ranks = 4, Extra = "--break swap-ranks@17" });

        Assert.NotEqual(Cell.Undisturbed(4), broken);
    }

    [Fact]
    public void The_optimizer_of_the_step_before_changes_the_weights_once_it_is_restored()
    {
        var killed = "";

        RealRun.In(run =>
        {
            new TrainingJob { Extra = "--break stale-optimizer --hold training@24" }.Write(run);
            var command = TrainingJob.Start(run);
            RealRun.Until("a commit", () => Phases.HasCome(Phase.Training, run, 2, command.Events("committed").Any()));
            Victims.Kill(Victim.Rank, run, 2);
            run.Release("training");
            Assert.True(command.Wait() == 0, "the command failed");
            killed = run.Weights;
        });

        Assert.Equal(64, killed.Length);
        Assert.NotEqual(Cell.Undisturbed(2), killed);
    }
}
