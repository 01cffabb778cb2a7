namespace Muster.Raft.Replay;

/// <summary>What became of a file.</summary>
internal sealed record FileResult(string Name, bool IsPure, int Commands, int Agreeing, bool IsSemantic, string? FirstDeparture)
{
    public bool IsStrict => Agreeing == Commands;
}

/// <summary>A file and how its commands are run.</summary>
internal sealed record Suite(string File, bool IsPure, Func<Block, string> Run1)
{
    public FileResult Run(bool show)
    {
        int commands = 0, agreeing = 0;
        var isSemantic = true;
        string? departure = null;
        var (wanted, got) = (new Facts(), new Facts());
        foreach (var block in Block.Read(File))
        {
            commands++;
            var output = Run1(block).Split('\n');
            var (expected, actual) = (Facts.Lines(block.Expected), Facts.Lines(output));
            wanted.Add(block, expected);
            got.Add(block, actual);
            if (expected.SequenceEqual(actual))
            {
                agreeing++;
            }
            else
            {
                departure ??= Difference(block, expected, actual);
                if (show)
                    Console.WriteLine($"{block.File}:{block.Line} {block.Command}\n  expected\n    {string.Join("\n    ", expected)}\n  got\n    {string.Join("\n    ", actual)}");
                isSemantic &= IsPure ? false : !IsState(block.Command);
            }

            if (IsQuiet(block) && wanted.Text() != got.Text())
            {
                isSemantic = false;
                departure += $" [facts differ after line {block.Line}]";
            }
        }

        return new(Path.GetFileName(File), IsPure, commands, agreeing, isSemantic && wanted.Text() == got.Text(), departure);
    }

    private static bool IsState(string command) => command is "raft-log" or "raft-state" or "status";

    private static bool IsQuiet(Block block) => block.Command == "stabilize" && !block.Numbers.Any();

    private static string Difference(Block block, List<string> expected, List<string> actual)
    {
        var at = expected.Zip(actual).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"line {block.Line + at + 1}: wanted '{expected.ElementAtOrDefault(at)?.Trim()}', got '{actual.ElementAtOrDefault(at)?.Trim()}'";
    }
}

/// <summary>The files of the peer, by the folder that they lie in.</summary>
internal static class Suites
{
    public static IEnumerable<Suite> Of(string folder)
    {
        foreach (var file in Files(Path.Combine(folder, "quorum", "testdata")))
            yield return new(file, true, QuorumCommands.Run);
        foreach (var file in Files(Path.Combine(folder, "confchange", "testdata")))
            yield return new(file, true, new MembershipCommands().Run);
        foreach (var file in Files(Path.Combine(folder, "testdata")))
            yield return new(file, false, new InteractionCommands().Run);
    }

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder, "*.txt").Order(StringComparer.Ordinal);
}

/// <summary>A line for each file, and totals.</summary>
internal static class Report
{
    /// <summary>Files of which fewer may agree before this fails: what has been reached is not lost.</summary>
    private const int StrictMin = 28;

    public static int Print(List<FileResult> results)
    {
        foreach (var result in results)
        {
            var tier = result.IsStrict ? "strict" : result.IsSemantic ? "semantic" : "not";
            Console.WriteLine($"{tier,-9} {result.Agreeing,3} of {result.Commands,3}  {result.Name}  {result.FirstDeparture}");
        }

        var pure = results.Where(result => result.IsPure).ToList();
        var interactions = results.Where(result => !result.IsPure).ToList();
        var strict = interactions.Count(result => result.IsStrict);
        var semantic = interactions.Count(result => result.IsStrict || result.IsSemantic);
        Console.WriteLine($"count: {pure.Sum(r => r.Agreeing)} of {pure.Sum(r => r.Commands)} quorum and membership commands of etcd-io/raft");
        Console.WriteLine($"count: {interactions.Sum(r => r.Agreeing)} of {interactions.Sum(r => r.Commands)} interaction commands of etcd-io/raft");
        Console.WriteLine($"count: of {interactions.Count} interaction files strict {strict}, semantic {semantic}");
        var failed = pure.Count(result => !result.IsStrict) + interactions.Count - semantic + (strict < StrictMin ? 1 : 0);
        Console.WriteLine($"   Total: {results.Count}, Errors: 0, Failed: {failed}, Skipped: 0, Not Run: 0, Time: 0s");
        return failed == 0 ? 0 : 1;
    }
}
