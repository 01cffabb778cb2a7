using System.Collections.Immutable;
using Muster.Jobs.Nodes;

namespace Muster.Jobs.Keepers;

/// <summary>How a rank's launch splits into what a spare interpreter has done before and what it is told at take-over.</summary>
/// <param name="Spare">What to start beforehand. A rank may take over a spare only when this is equal to the last word.</param>
/// <param name="Order">What to tell it.</param>
internal sealed record WarmRecipe(RankLaunch Spare, WarmOrder Order)
{
    private static readonly ImmutableArray<string> PlainFlags = ["-u", "-B", "-O", "-OO", "-s", "-S", "-q", "-v", "-b", "-d"];

    /// <summary>The recipe for a launch; null when the job has no warm ranks, or its command is not <c>python [flags] script …</c>.</summary>
    public static WarmRecipe? For(KeeperIdentity keeper, JobAssignment assignment, RankLaunch launch)
    {
        var modules = assignment.Launch.Specification.WarmPythonModules;
        if (modules.IsDefaultOrEmpty || keeper.PythonDirectory is not { } python || !IsPython(launch.Command[0]))
            return null;
        var flags = FlagCount(launch.Command);
        if (flags + 1 >= launch.Command.Length)
            return null;
        var (script, isModule, next) = (launch.Command[flags + 1], false, flags + 2);
        if (script == "-m" && next < launch.Command.Length)
            (script, isModule, next) = (launch.Command[next], true, next + 1);
        if (script.StartsWith('-'))
            return null;
        var spare = new RankLaunch(
            [.. launch.Command[..(flags + 1)], $"{python}/muster/warm.py", .. modules],
            launch.WorkingDirectory,
            launch.Environment.RemoveRange(RankEnvironment.PerGeneration));
        var differs = launch.Environment.Where(pair => RankEnvironment.PerGeneration.Contains(pair.Key));
        return new WarmRecipe(spare, new WarmOrder(
            ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, differs), script, isModule, launch.Command[next..]));
    }

    /// <summary>Whether a spare started as one launch serves where the other is wanted.</summary>
    public static bool Same(RankLaunch left, RankLaunch right) =>
        left.WorkingDirectory == right.WorkingDirectory
        && left.Command.SequenceEqual(right.Command)
        && left.Environment.SequenceEqual(right.Environment);

    private static bool IsPython(string program)
    {
        var name = program[(program.LastIndexOf('/') + 1)..];
        return name.StartsWith("python", StringComparison.Ordinal) && name[6..].All(c => char.IsAsciiDigit(c) || c == '.');
    }

    private static int FlagCount(ImmutableArray<string> command)
    {
        var count = 0;
        while (count + 1 < command.Length)
        {
            var word = command[count + 1];
            if (PlainFlags.Contains(word))
                count++;
            else if (word is "-X" or "-W" && count + 2 < command.Length)
                count += 2;
            else
                return count;
        }

        return count;
    }
}
