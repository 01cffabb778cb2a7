using Muster.Etcd.Tests.Servers;
using Muster.Stores.Embedded;
using Xunit.Runner.InProc.SystemConsole;

// --serve DIR serves a store until its input ends, and prints its address; otherwise the tests run.
if (args is ["--serve", var directory])
{
    // Leases are looked at often, so that many that end together end within a test.
    await using var served = await ServedStore.StartAsync(directory, EmbeddedStoreOptions.Default with { LeaseTick = TimeSpan.FromMilliseconds(20) });
    Console.WriteLine(served.Address);
    Console.In.ReadToEnd();
    return 0;
}

return await ConsoleRunner.Run(args);
