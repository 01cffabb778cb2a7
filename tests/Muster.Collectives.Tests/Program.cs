using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Muster.Collectives.Tests;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is [ChildRank.Command, ..])
            return ChildRank.Play(args);
        return args.Any(argument => argument is "--server" or "--internal-msbuild-node")
            ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(args);
    }
}
