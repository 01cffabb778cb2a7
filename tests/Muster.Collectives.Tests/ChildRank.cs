using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Muster.Worker.Collectives;

namespace Muster.Collectives.Tests;

/// <summary>One rank in a process of its own, that reduces until it is ended or told of a failure.</summary>
internal sealed partial class ChildRank : IDisposable
{
    public const string Command = "play-rank";
    public const int Kill = 9, Stop = 19;

    private readonly Process _process;

    private ChildRank(Process process) => _process = process;

    public static ChildRank[] Start(int worldSize, CollectiveTransport transport, TimeSpan timeout, int count)
    {
        var port = World.FreePort();
        return [.. Enumerable.Range(0, worldSize).Select(rank =>
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
            foreach (var argument in new[] { Command, transport.ToString(), timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture) })
                start.ArgumentList.Add(argument);
            start.Environment["RANK"] = rank.ToString(CultureInfo.InvariantCulture);
            start.Environment["WORLD_SIZE"] = worldSize.ToString(CultureInfo.InvariantCulture);
            start.Environment["MASTER_ADDR"] = "127.0.0.1";
            start.Environment["MASTER_PORT"] = port.ToString(CultureInfo.InvariantCulture);
            start.Environment["MUSTER_GENERATION"] = "5";
            start.Environment["MUSTER_JOB"] = "children";
            start.Environment["DOTNET_TieredPGO"] = "0";
            return new ChildRank(Process.Start(start)!);
        })];
    }

    /// <summary>Blocks until the rank has made some calls.</summary>
    public void AwaitRunning() => Assert.Equal("running", _process.StandardOutput.ReadLine());

    public void Signal(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));

    /// <summary>What the rank says of its failure: reason, blamed rank, seconds its last call took.</summary>
    public (CollectiveFailure Reason, int Rank, double Seconds) Failure()
    {
        var line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the rank ended without a word");
        var words = line.Split(' ', 4);
        return (Enum.Parse<CollectiveFailure>(words[0]), int.Parse(words[1], CultureInfo.InvariantCulture),
            double.Parse(words[2], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _ = SendSignal(_process.Id, Kill);
        _process.WaitForExit();
        _process.Dispose();
    }

    public static int Play(string[] args)
    {
        var options = new CollectiveOptions
        {
            Transport = Enum.Parse<CollectiveTransport>(args[1]),
            Timeout = TimeSpan.FromSeconds(double.Parse(args[2], CultureInfo.InvariantCulture)),
            MeetingTimeout = TimeSpan.FromSeconds(30),
        };
        var data = new float[int.Parse(args[3], CultureInfo.InvariantCulture)];
        using var group = CollectiveGroup.Connect(CollectiveMembership.FromEnvironment(), options);
        var watch = Stopwatch.StartNew();
        try
        {
            for (var step = 0; ; step++)
            {
                watch.Restart();
                group.AllReduce(data, ReduceOperation.Sum);
                if (step == 10)
                    Console.WriteLine("running");
            }
        }
        catch (CollectiveException failure)
        {
            Console.WriteLine(FormattableString.Invariant($"{failure.Reason} {failure.Rank} {watch.Elapsed.TotalSeconds} {failure.Message}"));
            return 3;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
