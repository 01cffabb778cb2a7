using System.Runtime.CompilerServices;
using System.Text;

namespace Muster.Raft.Tests;

/// <summary>Runs Scenarios/*.txt: commands, a line of dashes, what then is true. MUSTER_REWRITE=1 refreshes what is expected.</summary>
public sealed class ScenarioTests
{
    public static TheoryData<string> All() => 
        [.. Directory.GetFiles(Folder(), "*.txt").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(All))]
    public void Scenario_holds(string file)
    {
        var path = Path.Combine(Folder(), file);
        var written = File.ReadAllText(path);

        var ran = Run(written);

        if (Environment.GetEnvironmentVariable("MUSTER_REWRITE") == "1")
            File.WriteAllText(path, ran);
        else
            Assert.Equal(written, ran);
    }

    [Fact]
    public void There_are_scenarios_and_each_states_its_law()
    {
        var files = Directory.GetFiles(Folder(), "*.txt");

        Assert.True(files.Length >= 12);
        Assert.All(files, file => Assert.StartsWith("# ", File.ReadAllText(file), StringComparison.Ordinal));
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Scenarios");

    // A block is comments, commands up to "----", and the expected lines up to an empty line.
    private static string Run(string text)
    {
        var scenario = new ScenarioRunner();
        var result = new StringBuilder();
        var expecting = false;
        var facts = new List<string>();
        foreach (var line in text.TrimEnd('\n').Split('\n').Append(""))
        {
            if (expecting && line.Length > 0)
                continue;
            if (expecting)
            {
                facts.ForEach(fact => result.Append(fact).Append('\n'));
                facts.Clear();
                expecting = false;
            }

            result.Append(line).Append('\n');
            if (line == "----")
                expecting = true;
            else if (line.Length > 0 && !line.StartsWith('#'))
                facts.AddRange(scenario.Do(line));
        }

        return result.ToString().TrimEnd('\n') + "\n";
    }
}
