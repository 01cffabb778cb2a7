namespace Muster.Serving.Tests;

/// <summary>Where seeds begin, and how much is done: <c>MUSTER_SEED</c> and <c>MUSTER_SCALE</c>, 1 when unset.</summary>
internal static class Seeds
{
    public static ulong First { get; } = Number("MUSTER_SEED");

    public static int Scale { get; } = (int)Math.Min(Number("MUSTER_SCALE"), 1_000);

    private static ulong Number(string name) => ulong.TryParse(Environment.GetEnvironmentVariable(name), out var number) ? number : 1;
}
