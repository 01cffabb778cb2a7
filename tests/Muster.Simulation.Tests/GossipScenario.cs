using System.Collections.Immutable;
using System.Text;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Simulation.Kernel;
using Muster.Simulation.Network;

namespace Muster.Simulation.Tests;

/// <summary>Nodes that tell each other numbers while everything goes wrong: enough of everything to tell two runs apart.</summary>
internal static class GossipScenario
{
    private static readonly ImmutableArray<string> Names = ["a", "b", "c"];

    public static string TraceOf(ulong seed)
    {
        var world = Run(seed, TimeSpan.FromMinutes(2), 0);
        return $"{world.Trace.Hash:x16} {world.Trace.Records} {world.Network.FramesDelivered}";
    }

    public static SimulatedWorld Run(ulong seed, TimeSpan duration, int traceLines)
    {
        var world = new SimulatedWorld(seed, new SimulationOptions
        {
            TraceLines = traceLines,
            Crashes = CrashPlan.Seeded(seed ^ 0xC0FFEE, 0.0005, _ => true),
            TimersLateBy = TimeSpan.FromMilliseconds(3),
        });
        world.Network.Default = new NetworkConditions { BreakChance = 0.002, BlackHoleChance = 0.0005 };
        world.Programs["worker"] = Worker;
        foreach (var name in Names)
            world.AddHost(name).KeepRunning("node", Node, TimeSpan.FromMilliseconds(500));
        Disturb(world);
        world.RunFor(duration);
        return world;
    }

    private static void Disturb(SimulatedWorld world)
    {
        world.After(world.Faults.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8)), () =>
        {
            var host = world.Hosts[world.Faults.Pick(Names)];
            switch (world.Faults.Next(7))
            {
                case 0:
                    world.Network.Isolate(host.Name);
                    break;
                case 1:
                    world.Network.CutOneWay(host.Name, world.Faults.Pick(Names));
                    break;
                case 2 when host.IsUp:
                    host.LosePower();
                    world.After(TimeSpan.FromSeconds(3), () =>
                    {
                        host.PowerOn();
                        host.KeepRunning("node", Node, TimeSpan.FromMilliseconds(500));
                    });
                    break;
                case 3:
                    host.Clock.Drift(0.8 + (0.4 * world.Faults.NextDouble()));
                    break;
                case 4:
                    host.Table.Living.FirstOrDefault()?.Pause(TimeSpan.FromSeconds(2));
                    break;
                default:
                    world.Network.Heal();
                    break;
            }

            Disturb(world);
        });
    }

    private static async Task<int> Node(SimulatedProcess process)
    {
        var inbox = new Inbox<string>("node", 1024);
        var clock = new MonotonicClock(process.Time);
        var links = new SortedDictionary<string, ILink>(StringComparer.Ordinal);
        var known = new SortedDictionary<string, long>(StringComparer.Ordinal);
        using var listener = process.Transport.Listen($"tcp:{process.Host.Name}:7000", link => link.Start(Post(inbox), _ => { }));
        using var ticker = Ticker.Start(clock, TimeSpan.FromMilliseconds(100), inbox, now => $"tick {now.SinceOrigin.Ticks}");
        process.Processes.Start(
            new ProcessStart { Command = ["worker"], WorkingDirectory = "/", Environment = Tags(process.Host.Name), Detached = process.Chance.Chance(0.5) },
            new WorkerEvents(inbox));

        while (await inbox.WaitToReadAsync())
            while (inbox.TryRead(out var input))
            {
                process.Fact(input);
                known[input.Split(' ')[0]] = known.GetValueOrDefault(input.Split(' ')[0]) + 1;
                foreach (var name in Names.Where(name => name != process.Host.Name && input.StartsWith("tick", StringComparison.Ordinal)))
                    Tell(process, links, name, $"from-{process.Host.Name} {known.Values.Sum()}");
            }

        return 0;
    }

    private static void Tell(SimulatedProcess process, SortedDictionary<string, ILink> links, string name, string what)
    {
        if (!links.TryGetValue(name, out var link))
        {
            link = process.Transport.Connect($"tcp:{name}:7000");
            link.Start(_ => { }, _ => links.Remove(name));
            links.Add(name, link);
        }

        link.TrySend(Encoding.UTF8.GetBytes(what));
    }

    private static async Task<int> Worker(SimulatedProcess process)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(700), process.Time);
        for (var i = 0; i < 20 && await timer.WaitForNextTickAsync(); i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(process.Chance.Next(1, 50)), process.Time);
            process.Write(Encoding.UTF8.GetBytes($"step {i}"));
        }

        return 0;
    }

    private static Action<ReadOnlyMemory<byte>> Post(Inbox<string> inbox) => frame => inbox.TryPost(Encoding.UTF8.GetString(frame.Span));

    private static ImmutableSortedDictionary<string, string> Tags(string node) =>
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("MUSTER_NODE", node).Add("HOME", "/");

    private sealed class WorkerEvents(Inbox<string> inbox) : IProcessEvents
    {
        public void Output(ProcessId process, ReadOnlyMemory<byte> bytes) => inbox.TryPost($"output {Encoding.UTF8.GetString(bytes.Span)}");

        public void Exited(ProcessId process, ExitStatus status) => inbox.TryPost($"exited {status}");
    }
}
