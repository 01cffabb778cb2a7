using System.Runtime.CompilerServices;

namespace Muster.Worker.Tests.Docs;

/// <summary>The program in the guide is the one compiled here.</summary>
[Collection("environment")]
public sealed class GuideTests
{
    private const string Begin = "// guide begins";
    private const string End = "// guide ends";

    [Fact]
    public void The_program_in_the_guide_is_this_one()
    {
        var source = File.ReadAllText(Here());

        // The last of each: the first ones are the constants above.
        var from = source.LastIndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var lines = source[from..source.LastIndexOf(End, StringComparison.Ordinal)].Split('\n')[1..^1];
        var program = string.Join('\n', lines.Select(line => line.Length > 8 ? line[8..] : ""));

        var guide = Path.Combine(Path.GetDirectoryName(Here())!, "../../../docs/workers.md");
        Assert.Contains(program, File.ReadAllText(guide), StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_in_the_guide_runs()
    {
        var directory = Directory.CreateTempSubdirectory("guide");
        var before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = directory.FullName;
        try
        {
            Program();
            Program();
        }
        finally
        {
            Environment.CurrentDirectory = before;
            directory.Delete(recursive: true);
        }
    }

    private static void Program()
    {
        // guide begins
        using var run = TrainingRun.Join();
        var weights = new float[1000];
        if (run.Restore() is { } checkpoint)
            checkpoint.Read("weights", weights.AsSpan());

        foreach (var step in run.Steps(500))
        {
            var loss = Train(weights, step);
            run.Report(("loss", loss), ("rate", 0.01));
            run.Checkpoint(writer => writer.Write<float>("weights", weights));
        }

        if (!run.IsStopping)
            Publish(weights);
        // guide ends
    }

    private static double Train(float[] weights, long step) => weights[step % weights.Length] += 1;

    private static void Publish(float[] weights) => Assert.Equal(500, weights.Sum());

    private static string Here([CallerFilePath] string file = "") => file;
}
