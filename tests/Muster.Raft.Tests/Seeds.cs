namespace Muster.Raft.Tests;

/// <summary>Where seeds begin: <c>MUSTER_SEED</c>, 1 when unset. A failing case names the seed that replays it.</summary>
internal static class Seeds
{
    public static ulong First { get; } =
        ulong.TryParse(Environment.GetEnvironmentVariable("MUSTER_SEED"), out var seed) ? seed : 1;

    public static void Named(ulong seed, Action run)
    {
        try
        {
            run();
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"Replay as the first case: MUSTER_SEED={seed}\n{failure.Message}", failure);
        }
    }
}
