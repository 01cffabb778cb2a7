using System.Diagnostics;
using System.Globalization;
using Muster.Simulation.Cluster;
using Muster.Simulation.Runner;

const string usage = """
    whole-system seeds: runs the real store, coordinator, agent and keepers with fake ranks in virtual time

      --seeds FROM:TO   which seeds, TO excluded; stops at the first that fails
      --all             goes on after a seed that fails
      --hashes          prints the trace hash of each seed
      --plant NAME      plants a bug in the simulation: silent-damage, wrong-sum
      --explain SEED    runs one seed and prints the end of its trace
      --lines N         trace lines that --explain prints; default 200
      --grep TEXT       only lines that contain a text

    exit code 0: every seed held; 1: a seed failed; 2: the command was not understood
    """;

if (Options.Parse(args) is not { } options)
{
    Console.Error.WriteLine(usage);
    return 2;
}

if (options.Explain is { } explained)
{
    var result = ClusterRun.Run(explained, options.Plant, options.Grep is null ? options.Lines : 1_000_000);
    foreach (var line in result.Lines.Where(line => options.Grep is null || line.Contains(options.Grep, StringComparison.Ordinal)))
        Console.WriteLine(line);
    Console.WriteLine(result.Failure ?? $"seed {explained} holds: {result.Virtual.TotalSeconds:0.0} s of virtual time, trace {result.Trace:x16}");
    return result.Failure is null ? 0 : 1;
}

var clock = Stopwatch.StartNew();
var campaign = new Campaign(options);
var failed = campaign.Run();
campaign.Print(clock.Elapsed);
return failed ? 1 : 0;

namespace Muster.Simulation.Runner
{
    internal sealed record Options(ulong From, ulong To, bool All, bool Hashes, string? Plant, ulong? Explain, int Lines, string? Grep)
    {
        public static Options? Parse(string[] args)
        {
            var options = new Options(1, 101, false, false, null, null, 200, null);
            for (var i = 0; i < args.Length; i++)
            {
                var value = i + 1 < args.Length ? args[i + 1] : "";
                switch (args[i])
                {
                    case "--all":
                        options = options with { All = true };
                        continue;
                    case "--hashes":
                        options = options with { Hashes = true };
                        continue;
                    case "--seeds" when value.Split(':') is [var from, var to] && TryParse(from, out var first) && TryParse(to, out var last) && first < last:
                        options = options with { From = first, To = last };
                        break;
                    case "--plant" when value.Length > 0:
                        options = options with { Plant = value };
                        break;
                    case "--explain" when TryParse(value, out var seed):
                        options = options with { Explain = seed };
                        break;
                    case "--lines" when int.TryParse(value, out var lines):
                        options = options with { Lines = lines };
                        break;
                    case "--grep" when value.Length > 0:
                        options = options with { Grep = value };
                        break;
                    default:
                        return null;
                }

                i++;
            }

            return options;
        }

        private static bool TryParse(string text, out ulong number) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
