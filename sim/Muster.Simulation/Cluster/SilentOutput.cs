using Muster.Agent.Output;

namespace Muster.Simulation.Cluster;

/// <summary>Nobody reads what simulated ranks print.</summary>
internal sealed class SilentOutput : IRankOutput
{
    public void Append(string log, ReadOnlySpan<byte> bytes)
    {
        // nothing is promised about output
    }

    public string? LastLine(string log) => null;

    public void Begin(string log)
    {
        // see Append
    }
}
