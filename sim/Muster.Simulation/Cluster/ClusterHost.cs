using Muster.Agent.Hosting;
using Muster.Agent.Keeping;
using Muster.Jobs.Agents;
using Muster.Jobs.Nodes;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Server;
using Muster.Server.Control;
using Muster.Server.Coordination;
using Muster.Simulation.Disk;
using Muster.Simulation.Kernel;
using Muster.Simulation.Training;
using Muster.Stores.Embedded;

namespace Muster.Simulation.Cluster;

/// <summary>The tree that <c>muster run</c> makes on one host: it keeps server and agent running; keepers are detached.</summary>
internal sealed class ClusterHost
{
    /// <summary>Where checkpoints lie, absolute.</summary>
    public const string CheckpointRoot = "/muster/checkpoints";

    private const string AgentDirectory = "/muster/agent";
    private const string ServerAddress = "unix:/muster/server.sock";
    private static readonly TimeSpan s_restartPause = TimeSpan.FromMilliseconds(100);
    private static readonly NodeId s_node = new("a");

    private readonly ClusterRun _run;

    public ClusterHost(ClusterRun run)
    {
        _run = run;
        Host = run.World.AddHost("a");
        Sockets = new WorkerSockets(run.World);
        Host.OnPowerLoss(() =>
        {
            StoreDisk.LosePower(run.World.Faults);
            FilesDisk.LosePower(run.World.Faults);
        });
        run.World.Programs["keeper"] = KeeperAsync;
        run.World.Programs["rank"] = process => FakeRank.MainAsync(run, process);
    }

    /// <summary>The machine.</summary>
    public SimulatedHost Host { get; }

    /// <summary>Holds the store.</summary>
    public SimulatedDisk StoreDisk { get; } = new();

    /// <summary>Holds journals and checkpoints.</summary>
    public SimulatedDisk FilesDisk { get; } = new();

    /// <summary>Worker sockets.</summary>
    public WorkerSockets Sockets { get; }

    /// <summary>The server that runs; null: none has come up since the last one ended.</summary>
    public ServerControl? Control { get; private set; }

    /// <summary>The host's files as a process uses them.</summary>
    public SimulatedVolume Files(SimulatedProcess process) => FilesDisk.Mount(process, _run.Faults.DiskOf(process));

    /// <summary>A person types the command, or the host has booted and something types it.</summary>
    public void Boot()
    {
        Host.KeepRunning("server", ServerAsync, s_restartPause);
        Host.KeepRunning("agent", AgentAsync, s_restartPause);
    }

    private async Task<int> ServerAsync(SimulatedProcess process)
    {
        Control = null;
        var clock = new MonotonicClock(process.Time);
        using var store = await EmbeddedStore.OpenAsync(
            StoreDisk.Mount(process, _run.Faults.DiskOf(process)), _run.Plan.Store, clock, process.Chance.Split());
        _run.History.Recovered(store, process);
        var options = new ServerOptions { Name = "server", CheckpointRoot = CheckpointRoot, AgentAddress = ServerAddress };
        var coordinator = new CoordinatorLoop(store, process.Transport, Files(process), clock, options);
        Control = new ServerControl(process, store, new JobWishes(store, coordinator));
        process.OnEnd(_ => Control = null);
        var ended = await Task.WhenAny(store.RunAsync(default), coordinator.RunAsync(default));
        await ended;
        return 1;
    }

    private async Task<int> AgentAsync(SimulatedProcess process)
    {
        var identity = new AgentIdentity
        {
            Node = s_node,
            Incarnation = process.Chance.NextUInt64(),
            Address = "127.0.0.1",
            Resources = new NodeResources(16, 64L << 30, []),
            Servers = [ServerAddress],
        };
        var seams = new AgentSeams
        {
            Disk = Files(process),
            Transport = new WatchedTransport(process.Transport, _run.Invariants.AgentSays),
            Processes = process.Processes,
            Clock = new MonotonicClock(process.Time),
            Directory = AgentDirectory,
            KeeperCommand = ["keeper"],
            Environment = process.Start.Environment,
            Note = process.Fact,
        };
        await new AgentLoop(identity, seams, process.Chance.NextUInt64).RunAsync(default);
        return 1;
    }

    private async Task<int> KeeperAsync(SimulatedProcess process)
    {
        var arguments = KeeperArguments.Parse(process.Start.Command.AsSpan()[1..]);
        _run.Invariants.KeeperStarted(arguments, AgentDirectory);
        var files = Files(process);
        var seams = new KeeperSeams
        {
            Disk = files,
            Transport = new WatchedTransport(process.Transport, frame => _run.Invariants.KeeperSays(arguments, frame)),
            Processes = process.Processes,
            Workers = new SimulatedWorkerPort(process, Sockets),
            Output = new SilentOutput(),
            Shards = new ShardWork(files, Begin),
            Clock = new MonotonicClock(process.Time),
        };
        var identity = new Jobs.Keepers.KeeperIdentity
        {
            Job = arguments.Job,
            Node = arguments.Node,
            Self = process.Id.ToCore(),
            Agent = arguments.Agent,
            Leader = arguments.Leader,
            Generation = arguments.Generation,
            Directory = arguments.Directory,
            SocketDirectory = $"{arguments.Directory}/ranks",
            StagingDirectory = $"/staging/{process.Id.Pid}-{process.Id.StartTicks}",
            BaseEnvironment = process.Start.Environment,
        };
        var why = await new KeeperLoop(identity, seams).RunAsync(default);
        process.Fact(why);
        _run.Invariants.KeeperEnded(arguments, why);
        return 0;
    }

    /// <summary>Work on files, on the keeper's own loop; a failure other than the disk's ends the keeper.</summary>
    private static async void Begin(Func<Task> work) => await work();
}

/// <summary>A running server, as people's commands reach it.</summary>
internal sealed record ServerControl(SimulatedProcess Process, EmbeddedStore Store, JobWishes Wishes);
