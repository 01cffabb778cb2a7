using Muster.Simulation.Kernel;

namespace Muster.Simulation.Tests;

/// <summary>A program whose order depends on string hashes, which differ in every OS process: replays must tell.</summary>
internal static class PlantedScenario
{
    public static string TraceOf(ulong seed)
    {
        var world = new SimulatedWorld(seed);
        world.AddHost("a").Start("hashed", async process =>
        {
            foreach (var name in new[] { "a", "b", "c", "d", "e", "f", "g", "h" }.OrderBy(name => name.GetHashCode(StringComparison.Ordinal)))
            {
                process.Fact(name);
                await Task.Delay(TimeSpan.FromSeconds(1), process.Time);
            }

            return 0;
        });
        world.RunFor(TimeSpan.FromMinutes(1));
        return $"{world.Trace.Hash:x16}";
    }
}
