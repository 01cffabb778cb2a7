using System.Collections.Concurrent;

[assembly: AssemblyFixture(typeof(Muster.Conformance.Tests.ClaimCount))]

namespace Muster.Conformance.Tests;

/// <summary>Counts the claims that held, engine by engine, and says how many.</summary>
public sealed class ClaimCount : IDisposable
{
    private static readonly ConcurrentDictionary<string, int> s_held = [];

    public static void Add(string engine) => s_held.AddOrUpdate(engine, 1, (_, count) => count + 1);

    public void Dispose()
    {
        if (!s_held.IsEmpty)
            Console.WriteLine($"count: claims of the store held: {string.Join(", ", s_held.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}"))}");
    }
}
