using System.Diagnostics;

namespace Muster.Serving.Tests;

/// <summary>etcd's own command line client.</summary>
internal static class Etcdctl
{
    public static ChildProcess Start(string endpoint, IEnumerable<string> arguments, string? input = null, string? directory = null) =>
        ChildProcess.Start(Peers.Etcdctl, ["--endpoints", endpoint, .. arguments], input, directory);

    public static (int Code, string Output, string Errors) Run(string endpoint, params string[] arguments)
    {
        using var process = Start(endpoint, arguments);
        var code = process.Wait();
        return (code, process.Output, process.Errors);
    }

    public static void WaitUntilServed(string endpoint)
    {
        for (var waited = Stopwatch.StartNew(); ;)
        {
            var (code, _, errors) = Run(endpoint, "get", "--dial-timeout=2s", "nothing");
            if (code == 0)
                return;
            if (waited.Elapsed > ChildProcess.Longest)
                throw new TimeoutException($"{endpoint} does not answer: {errors}");
        }
    }
}
