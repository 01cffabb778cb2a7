using System.Diagnostics;

namespace Muster.Disk.Tests.Kernel;

/// <summary>Starts real programs.</summary>
internal static class Programs
{
    /// <summary>This program, to be started as a child.</summary>
    public static string[] Child(params string[] arguments) => [Environment.ProcessPath!, "child", .. arguments];

    public static Process Start(IEnumerable<string> command)
    {
        var parts = command.ToArray();
        var start = new ProcessStartInfo(parts[0], parts[1..])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        return Process.Start(start)!;
    }

    public static (int ExitCode, string[] Lines) Run(IEnumerable<string> command)
    {
        using var process = Start(command);
        var errors = process.StandardError.ReadToEndAsync();
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return (process.ExitCode, [.. lines, .. errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)]);
    }

    /// <summary>Skips the test where a tool is missing; in CI that is a failure.</summary>
    public static void Require(string tool)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (path.Any(directory => File.Exists(Path.Combine(directory, tool))))
            return;
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"'{tool}' is not installed, and in CI it must be");
        Assert.Skip($"'{tool}' is not installed: the kernel cannot be made to fail here");
    }
}
