using System.Collections.Immutable;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Keepers;

/// <summary>What happened, or was asked of a keeper.</summary>
public abstract record KeeperInput
{
    private KeeperInput() { }

    /// <summary>The agent spoke.</summary>
    public sealed record Ordered(KeeperOrder Order, Instant Now) : KeeperInput;

    /// <summary>A free port was found for rank 0's store.</summary>
    public sealed record PortFound(Generation Generation, int Port) : KeeperInput;

    /// <summary>A rank's process runs; warm: it was a spare interpreter.</summary>
    public sealed record RankStarted(Generation Generation, Rank Rank, HostProcess Process, bool Warm, Instant Now) : KeeperInput;

    /// <summary>It could not be started.</summary>
    public sealed record RankNotStarted(Generation Generation, Rank Rank, string Why, Instant Now) : KeeperInput;

    /// <summary>A spare interpreter could not be handed a rank: it is gone.</summary>
    public sealed record SpareGone(Generation Generation, Rank Rank, Instant Now) : KeeperInput;

    /// <summary>A spare interpreter runs.</summary>
    public sealed record SpareStarted(int Slot, HostProcess Process) : KeeperInput;

    /// <summary>A spare interpreter has imported everything, or grew.</summary>
    public sealed record SpareMeasured(HostProcess Process, long MemoryBytes) : KeeperInput;

    /// <summary>It could not be started.</summary>
    public sealed record SpareNotStarted(int Slot, string Why) : KeeperInput;

    /// <summary>A process that this keeper started ended.</summary>
    /// <param name="Process">Which.</param>
    /// <param name="Code">Exit code.</param>
    /// <param name="Signal">The signal that ended it, or 0.</param>
    /// <param name="Detail">From its error file or its output; null: nothing.</param>
    /// <param name="Now">When.</param>
    public sealed record Exited(HostProcess Process, int Code, int Signal, string? Detail, Instant Now) : KeeperInput;

    /// <summary>The process table was read.</summary>
    public sealed record Swept(ImmutableArray<SeenProcess> Processes, Instant Now) : KeeperInput;

    /// <summary>A training program asks.</summary>
    public sealed record Asked(Generation Generation, Rank Rank, ExchangeId Exchange, WorkerRequest Request, Instant Now) : KeeperInput;

    /// <summary>It no longer waits for the answer.</summary>
    public sealed record AskerGone(ExchangeId Exchange) : KeeperInput;

    /// <summary>A training program reports.</summary>
    public sealed record Reported(Generation Generation, Rank Rank, WorkerReport Report, Instant Now) : KeeperInput;

    /// <summary>A checkpoint's directory exists, or (with a text) could not be made.</summary>
    public sealed record DirectoryMade(Generation Generation, Rank Rank, TrainingStep Step, string? Trouble) : KeeperInput;

    /// <summary>A shard survives any crash.</summary>
    public sealed record Sealed(Generation Generation, Rank Rank, TrainingStep Step, ImmutableArray<ShardFile> Files, Instant Now) : KeeperInput;

    /// <summary>A shard could not be made durable; it does not exist.</summary>
    public sealed record NotSealed(Generation Generation, Rank Rank, TrainingStep Step, string Why, Instant Now) : KeeperInput;

    /// <summary>A rank's files of the checkpoint to resume from were checked.</summary>
    public sealed record Verified(Generation Generation, Rank Rank, string? Damage) : KeeperInput;

    /// <summary>All shards of the checkpoint to resume from were checked.</summary>
    public sealed record ShardsVerified(Generation Generation, string? Damage) : KeeperInput;

    /// <summary>Time passes; may come at any time, and comes at least each second.</summary>
    public sealed record Tick(Instant Now) : KeeperInput;
}

/// <summary>What a keeper's shell must do, in order.</summary>
public abstract record KeeperEffect
{
    private KeeperEffect() { }

    /// <summary>Make the journal durable before anything that follows.</summary>
    public sealed record Persist(KeeperJournal Journal) : KeeperEffect;

    /// <summary>Tell the agent, if it listens.</summary>
    public sealed record Tell(JobFacts Facts) : KeeperEffect;

    /// <summary>Find a free port for rank 0's store; answer <see cref="KeeperInput.PortFound"/>.</summary>
    public sealed record FindPort(Generation Generation) : KeeperEffect;

    /// <summary>Listen at a rank's worker socket.</summary>
    public sealed record OpenSocket(Generation Generation, Rank Rank, string Path) : KeeperEffect;

    /// <summary>Stop listening.</summary>
    public sealed record CloseSocket(Generation Generation, Rank Rank) : KeeperEffect;

    /// <summary>Start a rank.</summary>
    public sealed record StartRank(Generation Generation, Rank Rank, RankLaunch Launch) : KeeperEffect;

    /// <summary>Hand a rank to a spare interpreter.</summary>
    public sealed record TakeOver(Generation Generation, Rank Rank, HostProcess Spare, WarmOrder Order) : KeeperEffect;

    /// <summary>Start a spare interpreter.</summary>
    public sealed record StartSpare(int Slot, RankLaunch Launch) : KeeperEffect;

    /// <summary>Signal a process group.</summary>
    public sealed record SignalGroup(HostProcess Leader, int Signal) : KeeperEffect;

    /// <summary>Signal one process.</summary>
    public sealed record SignalProcess(HostProcess Process, int Number) : KeeperEffect;

    /// <summary>Read the process table; answer <see cref="KeeperInput.Swept"/>.</summary>
    public sealed record Sweep : KeeperEffect;

    /// <summary>Send a <see cref="KeeperInput.Tick"/> after a time.</summary>
    public sealed record WakeAfter(TimeSpan Delay) : KeeperEffect;

    /// <summary>Tell a training program what is wished.</summary>
    public sealed record Wish(Generation Generation, Rank Rank, WorkerWish Line) : KeeperEffect;

    /// <summary>Answer a training program.</summary>
    public sealed record Answer(ExchangeId Exchange, WorkerAnswer Reply) : KeeperEffect;

    /// <summary>Make a new, empty directory; answer <see cref="KeeperInput.DirectoryMade"/>.</summary>
    public sealed record MakeDirectory(Generation Generation, Rank Rank, TrainingStep Step, string Path) : KeeperEffect;

    /// <summary>Make a shard durable: in place, or by copying it from memory; answer <see cref="KeeperInput.Sealed"/>
    /// or <see cref="KeeperInput.NotSealed"/>.</summary>
    /// <param name="Generation">Whose.</param>
    /// <param name="Rank">Whose.</param>
    /// <param name="Step">Which checkpoint.</param>
    /// <param name="Written">Where the program wrote it.</param>
    /// <param name="Final">Where it must be; the same when it was written in place.</param>
    public sealed record Seal(Generation Generation, Rank Rank, TrainingStep Step, string Written, string Final) : KeeperEffect;

    /// <summary>Delete a directory that does not count, with what is in it.</summary>
    public sealed record Discard(string Directory) : KeeperEffect;

    /// <summary>Check files of the checkpoint to resume from; answer <see cref="KeeperInput.Verified"/>, or
    /// <see cref="KeeperInput.ShardsVerified"/> when no rank is named.</summary>
    public sealed record Verify(Generation Generation, Rank? Rank, string CheckpointRoot, CheckpointReference Reference) : KeeperEffect;

    /// <summary>End the keeper's process.</summary>
    public sealed record Exit(string Why) : KeeperEffect;
}

/// <summary>A process to start.</summary>
/// <param name="Command">Program and arguments.</param>
/// <param name="WorkingDirectory">Absolute.</param>
/// <param name="Environment">The whole environment.</param>
public sealed record RankLaunch(
    ImmutableArray<string> Command, string WorkingDirectory, ImmutableSortedDictionary<string, string> Environment);

/// <summary>What turns a spare interpreter into a rank: one line on its standard input.</summary>
/// <param name="Environment">Variables that differ per generation.</param>
/// <param name="Script">The script's path, or the module's name.</param>
/// <param name="IsModule">Whether <paramref name="Script"/> names a module.</param>
/// <param name="Arguments">What follows it.</param>
public sealed record WarmOrder(
    ImmutableSortedDictionary<string, string> Environment, string Script, bool IsModule, ImmutableArray<string> Arguments);
