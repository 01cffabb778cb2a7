using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Kernel;

namespace Muster.Simulation.Network;

/// <summary>Who listens where, which ways are cut, and the links that live.</summary>
public sealed class SimulatedNetwork
{
    private readonly SimulatedWorld _world;
    private readonly SortedDictionary<string, Listener> _listeners = new(StringComparer.Ordinal);
    private readonly SortedSet<(string From, string To)> _cut = [];
    private readonly SortedDictionary<(string From, string To), NetworkConditions> _conditions = [];
    private readonly SortedDictionary<long, Direction> _stalled = [];
    private readonly SortedDictionary<long, SimulatedLink> _ends = [];
    private long _linkNumber;

    internal SimulatedNetwork(SimulatedWorld world, SeededRandom chance) => (_world, Chance) = (world, chance);

    /// <summary>Conditions between hosts that have none of their own.</summary>
    public NetworkConditions Default { get; set; } = NetworkConditions.Healthy;

    /// <summary>Conditions between processes of one host; by default quick and never at fault.</summary>
    public NetworkConditions WithinHost { get; set; } = NetworkConditions.SameHost;

    /// <summary>Frames delivered so far.</summary>
    public long FramesDelivered { get; internal set; }

    internal SeededRandom Chance { get; }

    /// <summary>Sets the conditions from one host to another, one way; null returns to the default.</summary>
    public void SetConditions(string from, string to, NetworkConditions? conditions)
    {
        if (conditions is null)
            _conditions.Remove((from, to));
        else
            _conditions[(from, to)] = conditions;
    }

    /// <summary>Cuts the way from one host to another: what is sent waits, and links are given up after a while.</summary>
    public void CutOneWay(string from, string to)
    {
        _world.Trace.Record(_world.Now, "network", $"cut {from} -> {to}");
        _cut.Add((from, to));
    }

    /// <summary>Cuts both ways.</summary>
    public void Cut(string one, string other)
    {
        CutOneWay(one, other);
        CutOneWay(other, one);
    }

    /// <summary>Cuts a host off from all others, both ways.</summary>
    public void Isolate(string host)
    {
        foreach (var other in _world.Hosts.Keys.Where(name => name != host))
            Cut(host, other);
    }

    /// <summary>Mends every cut; what waited goes on.</summary>
    public void Heal()
    {
        _world.Trace.Record(_world.Now, "network", "heals");
        _cut.Clear();
        PumpStalled();
    }

    /// <summary>Mends both ways between two hosts.</summary>
    public void Heal(string one, string other)
    {
        _world.Trace.Record(_world.Now, "network", $"heals {one} - {other}");
        _cut.Remove((one, other));
        _cut.Remove((other, one));
        PumpStalled();
    }

    internal void PumpStalled()
    {
        foreach (var direction in _stalled.Values.ToList())
            direction.Pump();
    }

    internal bool IsCut(SimulatedHost from, SimulatedHost to) =>
        from != to && (!from.IsUp || !to.IsUp || _cut.Contains((from.Name, to.Name)));

    internal NetworkConditions Conditions(SimulatedHost from, SimulatedHost to) =>
        from == to ? WithinHost : _conditions.GetValueOrDefault((from.Name, to.Name), Default);

    internal long NextLinkNumber() => ++_linkNumber;

    internal void Opened(SimulatedLink end) => _ends.Add(end.Key, end);

    internal void Closed(SimulatedLink end) => _ends.Remove(end.Key);

    internal void Stalled(Direction direction) => _stalled[direction.Number] = direction;

    internal void Flowing(Direction direction) => _stalled.Remove(direction.Number);

    internal IDisposable Listen(SimulatedProcess process, string address, Action<ILink> accepted)
    {
        var place = Place(process.Host, address);
        if (_listeners.ContainsKey(place))
            throw new TransportException(address, "a living process answers there; stop it or choose another");
        var listener = new Listener(this, place, process, accepted);
        _listeners.Add(place, listener);
        return listener;
    }

    internal Listener? Find(SimulatedHost from, string address) => _listeners.GetValueOrDefault(Place(from, address));

    internal SimulatedHost HostOf(SimulatedHost from, string address)
    {
        var parts = address.Split(':');
        return parts[0] == "tcp" && parts[1] != "127.0.0.1" && _world.Hosts.TryGetValue(parts[1], out var host) ? host : from;
    }

    internal void ProcessEnded(SimulatedProcess process)
    {
        foreach (var (place, listener) in _listeners.ToList())
            if (listener.Process == process)
                _listeners.Remove(place);
        foreach (var end in _ends.Values.Where(end => end.Process == process).ToList())
            end.ProcessEnded();
    }

    private string Place(SimulatedHost from, string address) => address.StartsWith("unix:", StringComparison.Ordinal)
        ? $"{from.Name}|{address}"
        : $"{HostOf(from, address).Name}|{address[(address.LastIndexOf(':') + 1)..]}";

    internal sealed class Listener(SimulatedNetwork network, string place, SimulatedProcess process, Action<ILink> accepted) : IDisposable
    {
        public SimulatedProcess Process => process;

        public void Accept(SimulatedLink link) => process.Enqueue(() => accepted(link));

        public void Dispose()
        {
            if (network._listeners.GetValueOrDefault(place) == this && process.Effect("net.unlisten"))
                network._listeners.Remove(place);
        }
    }
}
