using Muster.Samples.Charlm;
using Muster.Samples.Charlm.Running;
using Muster.Worker;
using Muster.Worker.Collectives;

try
{
    if (args.Contains("--help"))
    {
        Console.WriteLine(CommandLine.Usage);
        return 0;
    }

    Job.Run(CommandLine.Parse(args), Console.Out);
    return 0;
}
catch (CharlmException failure)
{
    Console.Error.WriteLine($"charlm: {failure.Message}");
    return 2;
}
catch (ShardException failure) when (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("MUSTER_SOCKET")))
{
    Console.Error.WriteLine($"charlm: {failure.Message}");
    return 2;
}
catch (Exception failure) when (failure is CollectiveException or KeeperUnreachableException or KeeperRefusedException or InvalidOperationException)
{
    // Lost its peers or its keeper: Muster starts the next generation from the newest checkpoint.
    Console.Error.WriteLine($"charlm: {failure.Message}");
    return 1;
}
