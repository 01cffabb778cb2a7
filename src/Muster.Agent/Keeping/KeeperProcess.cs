using System.Collections;
using System.Collections.Immutable;
using Muster.Agent.Hosting;
using Muster.Agent.Output;
using Muster.Agent.Processes;
using Muster.Agent.Workers;
using Muster.Disk.Data;
using Muster.Disk.Posix;
using Muster.Jobs.Keepers;
using Muster.Network;
using Muster.Runtime;

namespace Muster.Agent.Keeping;

/// <summary>How a keeper's process is started.</summary>
public sealed record KeeperOptions
{
    /// <summary>What its agent told it.</summary>
    public required KeeperArguments Arguments { get; init; }

    /// <summary>Directory that holds the Python package <c>muster</c>; null: none comes with this installation.</summary>
    public string? PythonDirectory { get; init; }
}

/// <summary>The keeper's process: its loop on its main thread, over the real world.</summary>
public static class KeeperProcess
{
    private const string MemoryDirectory = "/dev/shm";

    /// <summary>Runs a keeper until it has nothing more to keep.</summary>
    /// <returns>Exit code: 0 when it ended as it should, 70 when it broke.</returns>
    public static int Run(KeeperOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            Directory.CreateDirectory(options.Arguments.Directory);
            using var alone = DirectoryLock.Take(options.Arguments.Directory);
            var why = "";
            LoopContext.Run("keeper", async () => why = await RunAsync(options));
            Console.Error.WriteLine($"keeper of {options.Arguments.Job} ends: {why}");
            return 0;
        }
#pragma warning disable CA1031 // The process's top: whatever ended the loop ends the process, and recovery is start-up.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Fail(options.Arguments.Job.Name, failure);
            return 70;
        }
    }

    private static async Task<string> RunAsync(KeeperOptions options)
    {
        var arguments = options.Arguments;
        var clock = new MonotonicClock(TimeProvider.System);
        var keeper = Identity(options);
        using var disk = new PosixVolume("/");
        using var output = new RotatedOutput(keeper.OutputDirectory);
        using var workers = new HttpWorkerPort((where, failure) => End(arguments.Job.Name, where, failure));
        var seams = new KeeperSeams
        {
            Disk = disk,
            Transport = new SocketTransport(),
            Processes = new PosixProcesses(adoptOrphans: true),
            Workers = workers,
            Output = output,
            Shards = new ShardWork(disk, work => LoopContext.Start("shards", work, (name, failure) => End(arguments.Job.Name, name, failure))),
            Clock = clock,
        };
        SweepStaging();
        try
        {
            return await new KeeperLoop(keeper, seams).RunAsync(CancellationToken.None);
        }
        finally
        {
            Remove(keeper.StagingDirectory);
            if (keeper.SocketDirectory != keeper.Directory)
                Remove(keeper.SocketDirectory);
        }
    }

    private static KeeperIdentity Identity(KeeperOptions options)
    {
        var self = PosixProcesses.Self.ToCore();
        var arguments = options.Arguments;
        return new KeeperIdentity
        {
            Job = arguments.Job,
            Node = arguments.Node,
            Self = self,
            Agent = arguments.Agent,
            Leader = arguments.Leader,
            Generation = arguments.Generation,
            Directory = arguments.Directory,
            SocketDirectory = SocketDirectory(arguments.Directory, self),
            StagingDirectory = $"{(Directory.Exists(MemoryDirectory) ? MemoryDirectory : Path.GetTempPath().TrimEnd('/'))}/{StagingName(self)}",
            PythonDirectory = options.PythonDirectory,
            BaseEnvironment = InheritedEnvironment(),
        };
    }

    /// <summary>The keeper's own directory where a socket's path fits, else a short one that only we may enter.</summary>
    private static string SocketDirectory(string directory, HostProcess self)
    {
        const int pathBytesMax = 107, nameBytesMax = 40;
        var own = $"{directory}/ranks";
        if (System.Text.Encoding.UTF8.GetByteCount(own) + nameBytesMax <= pathBytesMax)
            return own;
        var shorter = $"{Path.GetTempPath().TrimEnd('/')}/muster-{self.Pid}-{self.StartTicks:x}";
        Directory.CreateDirectory(shorter, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return shorter;
    }

    private static string StagingName(HostProcess self) => $"muster-{self.Pid}-{self.StartTicks}";

    /// <summary>What keepers that were killed left in memory goes: memory is dear, and nothing in it was promised.</summary>
    private static void SweepStaging()
    {
        if (!Directory.Exists(MemoryDirectory))
            return;
        foreach (var directory in Directory.EnumerateDirectories(MemoryDirectory, "muster-*"))
        {
            var owner = HostProcess.Parse(Path.GetFileName(directory)["muster-".Length..].Replace('-', ':'));
            if (owner is { } process && ProcessTable.Find(process.Pid)?.Id != process.ToSeam())
                Remove(directory);
        }
    }

    private static void Remove(string directory)
    {
        try
        {
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            // Another user's, or another keeper was faster.
        }
    }

    internal static ImmutableSortedDictionary<string, string> InheritedEnvironment()
    {
        var environment = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            environment[(string)entry.Key] = (string?)entry.Value ?? "";
        return environment.ToImmutable();
    }

    private static void End(string job, string where, Exception failure)
    {
        Console.Error.WriteLine($"in {where}:");
        Fail(job, failure);
        Environment.Exit(70);
    }

    private static void Fail(string job, Exception failure) =>
        Console.Error.WriteLine($"keeper of {job} broke and ends, its ranks with it: {failure}");
}
