using System.Diagnostics;
using System.Globalization;

namespace Muster.Etcd.Tests.Servers;

/// <summary>Our store in a process of its own, whose memory can be looked at.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Memory that the process holds, in MiB.</summary>
    public long MemoryMiB => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    public bool HasEnded => _process.HasExited;

    public static async Task<ServerProcess> StartAsync(string directory)
    {
        Directory.CreateDirectory(directory);
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["--serve", directory])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        return new(process, new((await process.StandardOutput.ReadLineAsync())!));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
