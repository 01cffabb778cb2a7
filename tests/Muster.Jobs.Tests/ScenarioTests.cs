using System.Runtime.CompilerServices;

namespace Muster.Jobs.Tests;

/// <summary>Each file of Scenarios is a law. With MUSTER_REWRITE=1 expected blocks are rewritten: review that as a change of law.</summary>
public sealed class ScenarioTests
{
    public static TheoryData<string> Files() => [.. Directory.GetFiles(Folder(), "*.txt").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_scenario_holds(string file)
    {
        var path = Path.Combine(Folder(), file);
        var text = File.ReadAllText(path);

        var actual = Replay(text);

        if (Environment.GetEnvironmentVariable("MUSTER_REWRITE") == "1")
            File.WriteAllText(path, actual);
        else
            Assert.Equal(text, actual);
    }

    /// <summary>Blocks are separated by blank lines; a block is comments, commands, "----" and what is then true.</summary>
    private static string Replay(string text)
    {
        var runner = new ScenarioRunner();
        var blocks = new List<string>();
        foreach (var block in text.TrimEnd('\n').Split("\n\n"))
        {
            var lines = block.Split("\n----")[0];
            var commands = string.Join('\n', lines.Split('\n').Where(line => !line.StartsWith('#')));
            if (commands.Length == 0)
            {
                blocks.Add(block);
                continue;
            }

            var facts = runner.Run(commands);
            blocks.Add(lines + "\n----" + (facts.Length == 0 ? "" : "\n" + facts));
        }

        return string.Join("\n\n", blocks) + "\n";
    }

    private static string Folder([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "Scenarios");
}
