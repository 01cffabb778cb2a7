using System.Collections.Immutable;
using System.Security.Cryptography;
using Muster.Agent.Keeping;
using Muster.Agent.Processes;
using Muster.Disk.Data;
using Muster.Disk.Posix;
using Muster.Jobs.Agents;
using Muster.Jobs.Nodes;
using Muster.Network;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Agent.Hosting;

/// <summary>How an agent's process is started.</summary>
public sealed record AgentOptions
{
    /// <summary>Its directory, absolute; one agent at a time.</summary>
    public required string Directory { get; init; }

    /// <summary>The host's name in the cluster.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Address at which other hosts reach this one.</summary>
    public required string Address { get; init; }

    /// <summary>Where servers listen for agents, such as <c>unix:PATH</c>; tried in turn.</summary>
    public required ImmutableArray<string> Servers { get; init; }

    /// <summary>What the host offers; null: it is looked up.</summary>
    public NodeResources? Resources { get; init; }

    /// <summary>Program and first arguments that start a keeper, such as <c>muster keeper</c>.</summary>
    public required ImmutableArray<string> KeeperCommand { get; init; }
}

/// <summary>The agent's process: its loop on its main thread, over the real world.</summary>
public static class AgentProcess
{
    /// <summary>Runs an agent until it is killed: there is no gentler end.</summary>
    /// <returns>Exit code 70: it broke.</returns>
    public static int Run(AgentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            Directory.CreateDirectory(options.Directory);
            using var alone = DirectoryLock.Take(options.Directory);
            LoopContext.Run("agent", () => RunAsync(options));
            return 0;
        }
#pragma warning disable CA1031 // The process's top: whatever ended the loop ends the process, and recovery is start-up.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Console.Error.WriteLine($"agent {options.Node} broke and ends; its ranks go on: {failure}");
            return 70;
        }
    }

    private static async Task RunAsync(AgentOptions options)
    {
        using var disk = new PosixVolume("/");
        var agent = new AgentIdentity
        {
            Node = options.Node,
            Incarnation = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)),
            Address = options.Address,
            Resources = options.Resources ?? HostResources.Look(),
            Servers = options.Servers,
        };
        var seams = new AgentSeams
        {
            Disk = disk,
            Transport = new SocketTransport(),
            Processes = new PosixProcesses(),
            Clock = new MonotonicClock(TimeProvider.System),
            Directory = options.Directory,
            KeeperCommand = options.KeeperCommand,
            Environment = KeeperProcess.InheritedEnvironment(),
            Note = text => Console.Error.WriteLine($"agent {options.Node}: {text}"),
        };
        await new AgentLoop(agent, seams, () => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8))).RunAsync(CancellationToken.None);
    }
}
