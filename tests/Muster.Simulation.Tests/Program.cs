using Muster.Simulation.Tests;
using Xunit.Runner.InProc.SystemConsole;

// --trace SEED… prints the trace hash of the gossip scenario for each seed; otherwise the tests run.
if (args is ["--trace", ..])
{
    foreach (var seed in args.Skip(1))
        Console.WriteLine(GossipScenario.TraceOf(ulong.Parse(seed)));
    return 0;
}

return await ConsoleRunner.Run(args);
