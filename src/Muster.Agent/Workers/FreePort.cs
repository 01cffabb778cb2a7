using System.Globalization;

namespace Muster.Agent.Workers;

/// <summary>Chooses TCP ports for rank 0's store, below the range that the kernel gives to outgoing connections.</summary>
/// <remarks>
/// A port found by opening a socket could be taken by an outgoing connection before the rank binds it. Nobody is given
/// one of these by chance; whoever listens there shows in /proc/net.
/// </remarks>
internal sealed class FreePort(int seed)
{
    private const int First = 20_000;
    private const int Count = 12_000;

    private int _next = (int)((uint)(seed * 7919) % Count);

    public int Find()
    {
        var used = new HashSet<int>();
        foreach (var table in (ReadOnlySpan<string>)["/proc/net/tcp", "/proc/net/tcp6"])
            AddLocalPorts(table, used);
        for (var tried = 0; tried < Count; tried++)
        {
            var port = First + _next;
            _next = (_next + 1) % Count;
            if (!used.Contains(port))
                return port;
        }

        throw new IOException($"no TCP port from {First} to {First + Count - 1} is free on this host; end what holds them");
    }

    private static void AddLocalPorts(string table, HashSet<int> used)
    {
        if (!File.Exists(table))
            return;   // a host without IPv6
        foreach (var line in File.ReadLines(table).Skip(1))
        {
            // "  sl: ADDRESS:PORT ADDRESS:PORT …", hexadecimal
            var local = line.AsSpan().TrimStart();
            local = local[(local.IndexOf(' ') + 1)..];
            local = local[..local.IndexOf(' ')];
            if (int.TryParse(local[(local.LastIndexOf(':') + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var port))
                used.Add(port);
        }
    }
}
