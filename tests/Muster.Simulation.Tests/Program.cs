using Muster.Simulation.Cluster;
using Muster.Simulation.Tests;
using Xunit.Runner.InProc.SystemConsole;

// --trace SEED… prints the trace hash of the gossip scenario for each seed, --planted SEED… of one that depends on hash
// codes; --cluster SEED… of the whole
// system; otherwise the tests run.
if (args is ["--trace" or "--planted", ..])
{
    foreach (var seed in args.Skip(1).Select(ulong.Parse))
        Console.WriteLine(args[0] == "--trace" ? GossipScenario.TraceOf(seed) : PlantedScenario.TraceOf(seed));
    return 0;
}

if (args is ["--cluster", ..])
{
    foreach (var seed in args.Skip(1).Select(ulong.Parse))
        Console.WriteLine(ClusterRun.Run(seed).Trace);
    return 0;
}

return await ConsoleRunner.Run(args);
