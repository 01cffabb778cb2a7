using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Muster.Disk;

namespace Muster.Cli.Doctor;

/// <summary>Looks at what a run needs of this machine.</summary>
internal static class Examination
{
    private static readonly TimeSpan s_syncGood = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_syncBad = TimeSpan.FromMilliseconds(200);
    private const long FreeBytesMin = 1L << 30;
    private const int FilesMin = 4096;

    public static async IAsyncEnumerable<Finding> All(string directory)
    {
        yield return Clock();
        yield return await SyncLatencyAsync(directory);
        yield return FreeSpace(directory);
        yield return SharedMemory();
        yield return Ports();
        yield return OpenFiles();
        yield return Trampoline();
        yield return Gpus();
    }

    private static Finding Clock()
    {
        var (wall, monotonic) = (DateTime.UtcNow, Stopwatch.GetTimestamp());
        Thread.Sleep(200);
        var drift = (DateTime.UtcNow - wall - Stopwatch.GetElapsedTime(monotonic)).Duration();
        var text = $"wall and monotonic clocks differ by {drift.TotalMilliseconds:0.0} ms over 200 ms";
        return drift < TimeSpan.FromMilliseconds(20)
            ? new("clock", Verdict.Ok, text)
            : new("clock", Verdict.Warning, text, "the wall clock is being stepped; leases do not mind, log times do");
    }

    private static async Task<Finding> SyncLatencyAsync(string directory)
    {
        var probe = await DiskProbe.MeasureSyncAsync(directory, bytes: 4096);
        var text = $"a synced 4 KiB write takes {probe.Median.TotalMilliseconds:0.00} ms (p99 {probe.Percentile99.TotalMilliseconds:0.00} ms) in {directory}";
        return probe.Median < s_syncGood ? new("disk sync", Verdict.Ok, text)
            : new("disk sync", probe.Median < s_syncBad ? Verdict.Warning : Verdict.Bad, text, "put --data on a local SSD");
    }

    private static Finding FreeSpace(string directory)
    {
        var free = new DriveInfo(directory).AvailableFreeSpace;
        var text = $"{free / (double)(1L << 30):0.0} GiB free in {directory}";
        return free >= FreeBytesMin
            ? new("disk space", Verdict.Ok, text)
            : new("disk space", Verdict.Bad, text, "free some space, or choose another --data");
    }

    private static Finding SharedMemory()
    {
        if (!Directory.Exists("/dev/shm"))
            return new("/dev/shm", Verdict.Warning, "not mounted", "background checkpoints and collectives use it; mount a tmpfs there");
        var drive = new DriveInfo("/dev/shm");
        var text = $"{drive.AvailableFreeSpace / (double)(1L << 30):0.0} GiB free";
        return drive.AvailableFreeSpace >= 256L << 20
            ? new("/dev/shm", Verdict.Ok, text)
            : new("/dev/shm", Verdict.Warning, text, "background checkpoints are staged there; in a container, raise --shm-size");
    }

    private static Finding Ports()
    {
        var busy = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners()
            .Count(endpoint => endpoint.Address.Equals(IPAddress.Loopback) || endpoint.Address.Equals(IPAddress.Any));
        var range = ReadWords("/proc/sys/net/ipv4/ip_local_port_range");
        return range is [var low, var high]
            ? new("ports", Verdict.Ok, $"ephemeral ports {low}–{high}, {busy} listeners on loopback")
            : new("ports", Verdict.Warning, "the range of ephemeral ports cannot be read", "is /proc mounted?");
    }

    private static Finding OpenFiles()
    {
        var line = File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        var enough = soft == "unlimited" || int.Parse(soft, CultureInfo.InvariantCulture) >= FilesMin;
        return enough
            ? new("open files", Verdict.Ok, $"limit {soft}")
            : new("open files", Verdict.Warning, $"limit {soft}", $"raise it to {FilesMin}: ulimit -n {FilesMin}");
    }

    private static Finding Trampoline() => FindProgram("setpriv") is { } path
        ? new("setpriv", Verdict.Ok, path)
        : new("setpriv", Verdict.Bad, "not in PATH", "ranks are started through it; install util-linux");

    private static Finding Gpus()
    {
        var found = Directory.Exists("/proc/driver/nvidia/gpus") ? Directory.GetDirectories("/proc/driver/nvidia/gpus").Length : 0;
        return found > 0
            ? new("GPUs", Verdict.Ok, $"{found} NVIDIA")
            : new("GPUs", Verdict.Ok, "none found; jobs that ask for accelerators will wait");
    }

    private static string[] ReadWords(string path) => File.Exists(path)
        ? File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        : [];

    private static string? FindProgram(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin")
        .Split(':').Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);
}
