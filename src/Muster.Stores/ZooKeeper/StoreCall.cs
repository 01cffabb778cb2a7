using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Stores.ZooKeeper;

/// <summary>A call that waits for a commit, or for the certainty that nothing newer was committed.</summary>
internal sealed class StoreCall
{
    private readonly TaskCompletionSource<object> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StoreCall(Command? command, Operation.Range? range, Instant until) => (Command, Range, Until) = (command, range, until);

    /// <summary>What is to be done; null for a read.</summary>
    public Command? Command { get; }

    /// <summary>What is to be read.</summary>
    public Operation.Range? Range { get; }

    /// <summary>When the caller waits no longer.</summary>
    public Instant Until { get; }

    /// <summary>For the end of a lease: its node must still have this version, that is, nobody has kept it alive. -1: whatever it has.</summary>
    public int LeaseVersion { get; init; } = -1;

    /// <summary>Whether it was sent, so that without an answer its outcome is not known.</summary>
    public bool WasSent { get; set; }

    public bool IsOver => _answer.Task.IsCompleted;

    public static StoreCall For(Command command, Instant until, int leaseVersion = -1) => new(command, null, until) { LeaseVersion = leaseVersion };

    public static StoreCall For(Operation.Range range, Instant until) => new(null, range, until);

    /// <summary>A <see cref="CommandResult"/>, or a <see cref="ReadOutcome"/>.</summary>
    public Task<object> Answer => _answer.Task;

    public void Succeed(object result) => _answer.TrySetResult(result);

    public void Fail(Exception failure) => _answer.TrySetException(failure);

    /// <summary>Bytes of the keys and values that it writes.</summary>
    public long Bytes => Command is Command.Transact(var transaction)
        ? Math.Max(BytesOf(transaction.Then), BytesOf(transaction.Else)) + 64
        : 64;

    private static long BytesOf(IEnumerable<Operation> branch) => branch.Sum(operation => operation switch
    {
        Operation.Put put => put.Key.Length * 2L + put.Value.Length + Math.Min(put.Value.Length, Codecs.ZooKeeper.Store.StoreCommitCodec.InlineBytesMax),
        Operation.Nested nested => Math.Max(BytesOf(nested.Transaction.Then), BytesOf(nested.Transaction.Else)),
        _ => 64L,
    });
}
