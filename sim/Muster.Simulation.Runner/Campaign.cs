using Muster.Simulation.Cluster;

namespace Muster.Simulation.Runner;

/// <summary>Runs seeds and adds up what they met.</summary>
internal sealed class Campaign(Options options)
{
    private readonly SortedDictionary<string, (long Seeds, long Times)> _reached = new(StringComparer.Ordinal);
    private long _seeds;
    private long _failures;
    private TimeSpan _virtual;

    /// <summary>Runs; whether a seed failed.</summary>
    public bool Run()
    {
        for (var seed = options.From; seed < options.To; seed++)
        {
            var result = ClusterRun.Run(seed, options.Plant);
            _seeds++;
            _virtual += result.Virtual;
            foreach (var (what, times) in result.Reached)
            {
                var (seeds, before) = _reached.GetValueOrDefault(what);
                _reached[what] = (seeds + 1, before + times);
            }

            if (options.Hashes)
                Console.WriteLine($"{seed} {result.Trace:x16}");
            if (result.Failure is null)
                continue;
            _failures++;
            Console.WriteLine(result.Failure);
            Console.WriteLine($"  replay: dotnet run --project sim/Muster.Simulation.Runner -- --explain {seed}{(options.Plant is null ? "" : $" --plant {options.Plant}")}");
            if (!options.All)
                break;
        }

        return _failures > 0;
    }

    /// <summary>Prints what happened, and how often.</summary>
    public void Print(TimeSpan wall)
    {
        if (!options.Hashes)
        {
            foreach (var (what, (seeds, times)) in _reached)
                Console.WriteLine($"{times,9} times in {seeds,6} seeds: {what}");
        }

        Console.WriteLine(
            $"{_seeds} seeds, {_failures} failed, {_virtual.TotalHours:0.0} h of virtual time in {wall.TotalSeconds:0.0} s, {wall.TotalMilliseconds / Math.Max(1, _seeds):0} ms each");
    }
}
