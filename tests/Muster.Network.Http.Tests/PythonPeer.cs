using System.Diagnostics;

namespace Muster.Network.Http.Tests;

/// <summary>Python with grpcio: the other side of every test here.</summary>
internal static class PythonPeer
{
    private static readonly Lazy<bool> s_isThere = new(() =>
    {
        using var python = Start("-c", "import grpc");
        python.StandardInput.Close();
        python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        return python.ExitCode == 0;
    });

    public static void Require()
    {
        if (s_isThere.Value)
            return;
        Assert.NotEqual("true", Environment.GetEnvironmentVariable("CI"));
        Assert.Skip("python3-grpcio is not installed: there is no peer to talk to");
    }

    public static Process Start(params IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo("/usr/bin/python3", arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Peers", name);
}
