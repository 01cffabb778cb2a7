using System.Runtime.InteropServices;

namespace Muster.Scheduling.Tests.Solvers;

/// <summary>COIN-OR's linear programming solver, through its C interface: an oracle that shares nothing with ours.</summary>
internal static partial class ClpOracle
{
    private const string Library = "libClp.so.1";

    public static bool Exists { get; } = NativeLibrary.TryLoad(Library, out _);

    public static void SkipIfAbsent() => Assert.SkipUnless(
        Exists || Environment.GetEnvironmentVariable("CI") == "true", "libClp.so.1 is not on this machine (Debian: coinor-libclp1)");

    /// <summary>Max c·x where A·x ≤ b, x ≥ 0; A by columns.</summary>
    public static double Maximize(double[] costs, double[][] columns, double[] rhs)
    {
        var model = Clp_newModel();
        try
        {
            Clp_setLogLevel(model, 0);
            var rows = rhs.Length;
            int[] starts = [.. Enumerable.Range(0, columns.Length + 1).Select(j => j * rows)];
            int[] index = [.. Enumerable.Range(0, columns.Length * rows).Select(k => k % rows)];
            double[] values = [.. columns.SelectMany(column => column)];
            Clp_loadProblem(
                model, columns.Length, rows, starts, index, values, new double[columns.Length], [.. Enumerable.Repeat(double.MaxValue, columns.Length)], costs,
                [.. Enumerable.Repeat(-double.MaxValue, rows)], rhs);
            Clp_setOptimizationDirection(model, -1);
            Assert.Equal(0, Clp_initialSolve(model));
            return Clp_objectiveValue(model);
        }
        finally
        {
            Clp_deleteModel(model);
        }
    }

    [LibraryImport(Library)]
    private static partial nint Clp_newModel();

    [LibraryImport(Library)]
    private static partial void Clp_deleteModel(nint model);

    [LibraryImport(Library)]
    private static partial void Clp_setLogLevel(nint model, int value);

    [LibraryImport(Library)]
    private static partial void Clp_setOptimizationDirection(nint model, double value);

    [LibraryImport(Library)]
    private static partial int Clp_initialSolve(nint model);

    [LibraryImport(Library)]
    private static partial double Clp_objectiveValue(nint model);

    [LibraryImport(Library)]
    private static partial void Clp_loadProblem(
        nint model, int columns, int rows, int[] starts, int[] index, double[] values, double[] lower, double[] upper, double[] objective, double[] rowLower,
        double[] rowUpper);
}
