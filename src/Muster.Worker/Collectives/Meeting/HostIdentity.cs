namespace Muster.Worker.Collectives;

/// <summary>Within which bounds two ranks can share memory, or reach each other's abstract Unix sockets.</summary>
internal static class HostIdentity
{
    /// <summary>Equal on two ranks: they run on one boot of one host and see each other's processes.</summary>
    public static string MemoryDomain => $"{Boot}/{Namespace("pid")}/{Namespace("mnt")}";

    /// <summary>Equal on two ranks: they run on one boot of one host and in one network namespace.</summary>
    public static string SocketDomain => $"{Boot}/{Namespace("net")}";

    private static string Boot => File.Exists("/proc/sys/kernel/random/boot_id")
        ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()
        : Environment.MachineName;

    private static string Namespace(string kind) => new FileInfo($"/proc/self/ns/{kind}").LinkTarget ?? "";
}
