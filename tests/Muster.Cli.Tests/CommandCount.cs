using Muster.RealRuns;

[assembly: AssemblyFixture(typeof(Muster.Cli.Tests.CommandCount))]

namespace Muster.Cli.Tests;

/// <summary>Says how many real commands the claims rest on.</summary>
public sealed class CommandCount : IDisposable
{
    public void Dispose() => Console.WriteLine($"count: {MusterProcess.Started} commands started as real processes");
}
