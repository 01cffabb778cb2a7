using System.Diagnostics;

namespace Muster.Planted.Tests;

/// <summary>The checkers are tested by bugs that they must find: docs/reliability/planted.md.</summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    private const int BugsMin = 25;

    private static string Root { get; } = FindRoot();

    [Fact]
    public void Every_planted_bug_still_fits_the_code()
    {
        var patches = Directory.GetFiles(Path.Combine(Root, "tests", "planted"), "*.patch");

        var broken = patches.Where(patch => Run("git", ["apply", "--check", patch]).Code != 0).Select(Path.GetFileName).ToList();

        Assert.True(patches.Length >= BugsMin);
        Assert.True(broken.Count == 0, $"make these anew for the code as it is: {string.Join(", ", broken)}");
    }

    [Fact]
    public void A_bug_chosen_by_the_commit_is_found()
    {
        var (code, text) = Run("bash", ["eng/planted", "--some", "1", "--bases", "1"]);

        output.WriteLine(text);
        Assert.True(code == 0, text);
    }

    private static (int Code, string Text) Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Root, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, text);
    }

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!Directory.Exists(Path.Combine(directory, "tests", "planted")))
            directory = Path.GetDirectoryName(directory.TrimEnd('/')) ?? throw new InvalidOperationException("run this inside the project's tree");
        return directory;
    }
}
