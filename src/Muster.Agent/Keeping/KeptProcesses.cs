using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Muster.Agent.Hosting;
using Muster.Codecs.Nodes;
using Muster.Jobs.Keepers;
using Muster.Primitives;
using Muster.Runtime;

namespace Muster.Agent.Keeping;

/// <summary>The keeper's effects on processes, and what its processes tell.</summary>
internal sealed class KeptProcesses(KeeperSeams seams, Inbox<KeeperLoop.Arrival> inbox) : IProcessEvents
{
    private static readonly byte[] ReadyMark = "{\"muster_warm_rss\":"u8.ToArray();

    private readonly Lock _gate = new();   // output comes on the pump's thread
    private readonly SortedDictionary<HostProcess, (Generation Generation, Rank Rank)> _ranks = [];

    public static string LogOf(Rank rank) => $"rank-{rank}";

    /// <summary>A process has ended: the rank it was, if it was one.</summary>
    /// <remarks>It is remembered: a grandchild may go on to write into its log.</remarks>
    public (Generation Generation, Rank Rank)? RankOf(ProcessId process)
    {
        lock (_gate)
            return _ranks.TryGetValue(process.ToCore(), out var rank) ? rank : null;
    }

    public void Output(ProcessId process, ReadOnlyMemory<byte> bytes)
    {
        string log;
        lock (_gate)
            log = _ranks.TryGetValue(process.ToCore(), out var rank) ? LogOf(rank.Rank) : "warm";
        if (log == "warm" && ReadyBytes(bytes.Span) is { } memory)
            inbox.Post(new KeeperLoop.Arrival.Input(new KeeperInput.SpareMeasured(process.ToCore(), memory)));
        else
            seams.Output.Append(log, bytes.Span);
    }

    public void Exited(ProcessId process, ExitStatus status) => inbox.Post(new KeeperLoop.Arrival.Ended(process, status));

    public void Apply(KeeperEffect effect, Queue<KeeperInput> results)
    {
        switch (effect)
        {
            case KeeperEffect.StartRank(var generation, var rank, var launch):
                results.Enqueue(StartRank(generation, rank, launch));
                break;
            case KeeperEffect.TakeOver(var generation, var rank, var spare, var order):
                results.Enqueue(TakeOver(generation, rank, spare, order));
                break;
            case KeeperEffect.StartSpare(var slot, var launch):
                results.Enqueue(StartSpare(slot, launch));
                break;
            case KeeperEffect.SignalGroup(var leader, var signal):
                seams.Processes.SignalGroup(leader.ToSeam(), signal);
                break;
            case KeeperEffect.SignalProcess(var process, var signal):
                seams.Processes.Signal(process.ToSeam(), signal);
                break;
            case KeeperEffect.Sweep:
                results.Enqueue(new KeeperInput.Swept(
                    [.. seams.Processes.ListTagged().Select(seen => seen.ToCore())], seams.Clock.Now));
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private KeeperInput StartRank(Generation generation, Rank rank, RankLaunch launch)
    {
        seams.Output.Begin(LogOf(rank));
        try
        {
            lock (_gate)   // its first output must find its name
            {
                var process = seams.Processes.Start(StartOf(launch, keepInput: false), this).ToCore();
                _ranks[process] = (generation, rank);
                return new KeeperInput.RankStarted(generation, rank, process, Warm: false, seams.Clock.Now);
            }
        }
        catch (IOException refusal)
        {
            return new KeeperInput.RankNotStarted(generation, rank, refusal.Message, seams.Clock.Now);
        }
    }

    private KeeperInput TakeOver(Generation generation, Rank rank, HostProcess spare, WarmOrder order)
    {
        seams.Output.Begin(LogOf(rank));
        lock (_gate)
            _ranks[spare] = (generation, rank);
        if (seams.Processes.WriteInput(spare.ToSeam(), NodeDocuments.Encode(order), close: true))
            return new KeeperInput.RankStarted(generation, rank, spare, Warm: true, seams.Clock.Now);
        lock (_gate)
            _ranks.Remove(spare);
        return new KeeperInput.SpareGone(generation, rank, seams.Clock.Now);
    }

    private KeeperInput StartSpare(int slot, RankLaunch launch)
    {
        try
        {
            var process = seams.Processes.Start(StartOf(launch, keepInput: true), this);
            return new KeeperInput.SpareStarted(slot, process.ToCore());
        }
        catch (IOException refusal)
        {
            seams.Output.Append("warm", Encoding.UTF8.GetBytes($"{refusal.Message}\n"));
            return new KeeperInput.SpareNotStarted(slot, refusal.Message);
        }
    }

    private static ProcessStart StartOf(RankLaunch launch, bool keepInput) => new()
    {
        Command = launch.Command,
        WorkingDirectory = launch.WorkingDirectory,
        Environment = launch.Environment,
        KeepInput = keepInput,
    };

    /// <summary>A spare interpreter's only line of its own: that it has imported everything, and its memory.</summary>
    private static long? ReadyBytes(ReadOnlySpan<byte> output)
    {
        var start = output.IndexOf(ReadyMark);
        if (start < 0)
            return null;
        var number = output[(start + ReadyMark.Length)..];
        return System.Buffers.Text.Utf8Parser.TryParse(number, out long bytes, out _) ? bytes : null;
    }
}
