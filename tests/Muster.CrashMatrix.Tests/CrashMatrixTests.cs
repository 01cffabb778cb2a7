using Muster.CrashMatrix.Tests.Cells;

namespace Muster.CrashMatrix.Tests;

/// <summary>kill -9 of each role in each phase. One class a role, so that two roles are played at a time.</summary>
public abstract class CrashMatrixTests(Victim victim, CellCount count)
{
    public static TheoryData<Phase> EveryPhase => [.. Enum.GetValues<Phase>()];

    /// <summary>Completes, with the weights of the undisturbed run; nobody is left; every checkpoint is whole.</summary>
    [Theory]
    [MemberData(nameof(EveryPhase))]
    public void The_job_completes_with_the_same_weights(Phase phase)
    {
        for (var round = 0; round < Seeds.Rounds; round++)
        {
            var seed = Seeds.Of(victim, phase, round);
            // A few cells of each role have four ranks: which ones changes with the seed.
            var cell = new Cell(victim, phase, seed % 5 == 0 ? 4 : 2, seed >> 8);
            try
            {
                cell.Play();
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"{cell} fails; replay: MUSTER_SEED={Seeds.Base} (round {round})\n{failure.Message}", failure);
            }

            count.Add(victim, phase);
        }
    }
}

public sealed class WhenARankDies(CellCount count) : CrashMatrixTests(Victim.Rank, count);

public sealed class WhenRankZeroDies(CellCount count) : CrashMatrixTests(Victim.RankZero, count);

public sealed class WhenTheKeeperDies(CellCount count) : CrashMatrixTests(Victim.Keeper, count);

public sealed class WhenTheAgentDies(CellCount count) : CrashMatrixTests(Victim.Agent, count);

public sealed class WhenTheServerDies(CellCount count) : CrashMatrixTests(Victim.Server, count);

public sealed class WhenTheCommandDies(CellCount count) : CrashMatrixTests(Victim.Run, count);

public sealed class WhenEverythingDies(CellCount count) : CrashMatrixTests(Victim.All, count);
