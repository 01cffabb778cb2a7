using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Muster.Runtime;

/// <summary>Where a loop's inputs wait: written from any thread, read by the one loop that owns it.</summary>
/// <remarks>
/// A loop reads with <c>while (await inbox.WaitToReadAsync(stopping)) while (inbox.TryRead(out var input))</c> and in no
/// other way: what a channel's own enumerator does hops to the thread pool and cannot be replayed. When full, the writer
/// chooses: <see cref="TryPost"/> refuses (for what comes again, such as ticks), <see cref="Post"/> ends the loop (for what
/// must not be lost, such as a process's exit).
/// </remarks>
public sealed class Inbox<T>
{
    private readonly Channel<T> _channel;

    /// <summary>Makes an empty inbox.</summary>
    /// <param name="name">Names it when it overflows, such as <c>agent</c>.</param>
    /// <param name="itemsMax">Items that may wait; positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not positive.</exception>
    public Inbox(string name, int itemsMax = 65_536)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(itemsMax);
        (Name, ItemsMax) = (name, itemsMax);
        _channel = Channel.CreateBounded<T>(new BoundedChannelOptions(itemsMax)
        {
            SingleReader = true,
            FullMode = BoundedChannelFullMode.Wait,
            AllowSynchronousContinuations = false,
        });
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Items that may wait at once.</summary>
    public int ItemsMax { get; }

    /// <summary>Items that wait now.</summary>
    public int Count => _channel.Reader.Count;

    /// <summary>Adds an item that may be dropped.</summary>
    /// <returns>False when the inbox is full or closed; the item is dropped.</returns>
    public bool TryPost(T item) => _channel.Writer.TryWrite(item);

    /// <summary>Adds an item that must not be lost. When the inbox is full it closes, and the loop that reads it fails with
    /// <see cref="InboxFullException"/> after what it already holds; on a closed inbox nothing happens.</summary>
    public void Post(T item)
    {
        if (!_channel.Writer.TryWrite(item))
            _channel.Writer.TryComplete(new InboxFullException(Name, ItemsMax));
    }

    /// <summary>Closes the inbox: the loop reads what is left and ends.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    /// <summary>Waits until there is something to read.</summary>
    /// <returns>False when the inbox is closed and empty.</returns>
    /// <exception cref="InboxFullException">An item that must not be lost found no room.</exception>
    /// <exception cref="OperationCanceledException">The loop is to stop.</exception>
    public ValueTask<bool> WaitToReadAsync(CancellationToken stopping = default) => _channel.Reader.WaitToReadAsync(stopping);

    /// <summary>Takes the next item, if there is one.</summary>
    public bool TryRead([MaybeNullWhen(false)] out T item) => _channel.Reader.TryRead(out item);
}

/// <summary>An inbox had no room for an input that must not be lost.</summary>
public sealed class InboxFullException(string inbox, int itemsMax)
    : Exception($"inbox '{inbox}' is full ({itemsMax} items) and an input that must not be lost arrived: " +
        "its loop does not keep up; the process ends and recovers")
{
    /// <summary>The inbox.</summary>
    public string Inbox { get; } = inbox;
}
