using System.Collections.Concurrent;
using System.Diagnostics;
using Muster.CrashMatrix.Tests.Cells;

[assembly: AssemblyFixture(typeof(Muster.CrashMatrix.Tests.CellCount))]

namespace Muster.CrashMatrix.Tests;

/// <summary>Counts the cells that were played to their end, and says how many.</summary>
public sealed class CellCount : IDisposable
{
    /// <summary>Seven roles in seven phases: the matrix has no holes.</summary>
    public const int Floor = 49;

    private readonly ConcurrentDictionary<(Victim, Phase), int> _played = [];
    private readonly ConcurrentDictionary<string, int> _rented = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public void Add(Victim victim, Phase phase) => _played.AddOrUpdate((victim, phase), 1, (_, count) => count + 1);

    public void AddRented(string engine) => _rented.AddOrUpdate(engine, 1, (_, count) => count + 1);

    public void Dispose()
    {
        Console.WriteLine($"count: {_played.Count} of {Floor} cells held, {_played.Values.Sum()} kills in {_clock.Elapsed.TotalSeconds:F0} s");
        foreach (var (engine, cells) in _rented.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Console.WriteLine($"count: {cells} cells held on {engine}");
    }
}
