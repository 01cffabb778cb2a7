using System.Collections.Concurrent;
using System.Diagnostics;
using Muster.Scheduling.Policies;

namespace Muster.Cli.Sim;

/// <summary>Plays policies × rates × seeds on all cores and keeps each run as soon as it is done.</summary>
internal sealed class Sweep(SimSetting setting, string? file)
{
    private readonly Lock _writing = new();

    /// <summary>Runs taken over from the file.</summary>
    public int TakenOver { get; private set; }

    /// <summary>Every run, in the order of rate, policy and seed.</summary>
    public IReadOnlyList<SweepRow> Run(IReadOnlyList<string> policies, IReadOnlyList<double> rates, IReadOnlyList<uint> seeds, int cores, CancellationToken cancel)
    {
        var canonical = policies.Select(Canonical).ToArray();
        var wanted = (from rate in rates from policy in canonical from seed in seeds select (Policy: policy, Rate: rate, Seed: seed)).Distinct().ToArray();
        var done = new ConcurrentDictionary<(string, double, uint), SweepRow>();
        foreach (var row in file is null ? [] : SweepRow.Read(file))
            if (row.Setting == setting.ToString())
                done[(row.Policy, row.JobsPerHour, row.Seed)] = row;
        var missing = wanted.Where(run => !done.ContainsKey(run)).Reverse().ToArray();   // high rates take longest: first
        TakenOver = wanted.Length - missing.Length;
        var progress = new Progress(wanted.Length, TakenOver);
        try
        {
            Play(missing, cores, done, progress, cancel);
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<CliException>().FirstOrDefault() is { } first)
        {
            throw first;
        }

        progress.End();
        return [.. wanted.Select(run => done[run])];
    }

    private void Play(
        (string Policy, double Rate, uint Seed)[] missing, int cores, ConcurrentDictionary<(string, double, uint), SweepRow> done, Progress progress,
        CancellationToken cancel) => Parallel.ForEach(
            Partitioner.Create(missing, EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = cores, CancellationToken = cancel },
            run =>
            {
                var watch = Stopwatch.StartNew();
                var result = setting.Run(run.Policy, run.Seed, run.Rate);
                var row = SweepRow.Of(setting.ToString(), run.Rate, run.Seed, result, watch.Elapsed);
                done[run] = row;
                lock (_writing)
                {
                    if (file is not null)
                        File.AppendAllText(file, row.Line() + "\n");
                    progress.Done($"{row.Policy} at {row.JobsPerHour:0.##}/h, seed {row.Seed}: {row.Verdict}");
                }
            });

    private static string Canonical(string policy)
    {
        try
        {
            return PolicyCatalogue.Canonical(policy);
        }
        catch (Scheduling.SchedulingInputException e)
        {
            throw new CliException(ExitCode.Usage, e.Message);
        }
    }
}
