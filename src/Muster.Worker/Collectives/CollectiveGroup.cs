using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Muster.Worker.Collectives;

/// <summary>The ranks of one generation, and what they do together: the .NET counterpart of a process group.</summary>
/// <remarks>
/// All ranks make the same calls in the same order, one at a time. A call returns when this rank has its result, or throws
/// <see cref="CollectiveException"/> within the time limit, naming a rank; then the group is over. No call allocates. Results
/// are equal bit for bit on every rank, in every run, over every transport and for every chunk size.
/// </remarks>
public sealed unsafe class CollectiveGroup : IDisposable
{
    private readonly CollectiveOptions _options;
    private readonly PeerWatch? _watch;
    private readonly Fabric _fabric;
    private long _sequence;
    private int _busy;
    private bool _disposed;

    private CollectiveGroup(CollectiveMembership membership, CollectiveOptions options, PeerWatch? watch, Fabric fabric)
    {
        _options = options;
        _watch = watch;
        _fabric = fabric;
        Rank = membership.Rank;
        WorldSize = membership.WorldSize;
        Generation = membership.Generation;
    }

    /// <summary>This process, 0 ≤ rank &lt; <see cref="WorldSize"/>.</summary>
    public int Rank { get; }

    /// <summary>How many ranks there are.</summary>
    public int WorldSize { get; }

    /// <summary>The generation that this group is of.</summary>
    public long Generation { get; }

    /// <summary>What carries the bytes; <see cref="CollectiveTransport.Auto"/> in a world of one, where nothing does.</summary>
    public CollectiveTransport Transport => _fabric.Transport;

    /// <summary>Meets all other ranks of the generation. Blocks until all are there.</summary>
    /// <exception cref="CollectiveException">A rank did not come in time, or is of another generation, job or world size.</exception>
    /// <exception cref="ArgumentException">The membership or an option is out of range.</exception>
    /// <exception cref="PlatformNotSupportedException">More than one rank, and not on Linux.</exception>
    public static CollectiveGroup Connect(CollectiveMembership membership, CollectiveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(membership);
        options ??= new CollectiveOptions();
        membership.Check();
        options.Check();
        if (membership.WorldSize == 1)
            return new CollectiveGroup(membership, options, null, new SoloFabric());
        return OperatingSystem.IsLinux()
            ? Join(membership, options)
            : throw new PlatformNotSupportedException("Collectives of more than one rank need Linux.");
    }

    /// <summary>Combines the data of all ranks, position by position; afterwards every rank holds the result.</summary>
    /// <param name="data">Equally long on all ranks. Undefined when the call fails.</param>
    /// <param name="operation">How values are combined; the same on all ranks.</param>
    /// <exception cref="CollectiveException">A rank died, was too slow, left, or makes another call.</exception>
    public void AllReduce(Span<float> data, ReduceOperation operation) => Reduce(data, ElementType.Single, operation);

    /// <inheritdoc cref="AllReduce(Span{float}, ReduceOperation)"/>
    public void AllReduce(Span<double> data, ReduceOperation operation) => Reduce(data, ElementType.Double, operation);

    /// <inheritdoc cref="AllReduce(Span{float}, ReduceOperation)"/>
    /// <remarks>Accumulates as float and rounds once, at the end.</remarks>
    public void AllReduce(Span<Half> data, ReduceOperation operation) => Reduce(data, ElementType.Half, operation);

    /// <summary>Combines the data of all ranks; afterwards rank r holds the r-th of <see cref="WorldSize"/> equal parts.</summary>
    /// <param name="data">Equally long on all ranks: world size × the length of <paramref name="shard"/>. Not changed.</param>
    /// <param name="shard">This rank's part of the result. Must not overlap <paramref name="data"/>.</param>
    /// <param name="operation">How values are combined; the same on all ranks.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other, or the spans overlap.</exception>
    /// <exception cref="CollectiveException">A rank died, was too slow, left, or makes another call.</exception>
    public void ReduceScatter(ReadOnlySpan<float> data, Span<float> shard, ReduceOperation operation) =>
        Scatter(data, shard, ElementType.Single, operation);

    /// <inheritdoc cref="ReduceScatter(ReadOnlySpan{float}, Span{float}, ReduceOperation)"/>
    public void ReduceScatter(ReadOnlySpan<double> data, Span<double> shard, ReduceOperation operation) =>
        Scatter(data, shard, ElementType.Double, operation);

    /// <inheritdoc cref="ReduceScatter(ReadOnlySpan{float}, Span{float}, ReduceOperation)"/>
    /// <remarks>Accumulates as float and rounds once, at the end.</remarks>
    public void ReduceScatter(ReadOnlySpan<Half> data, Span<Half> shard, ReduceOperation operation) =>
        Scatter(data, shard, ElementType.Half, operation);

    /// <summary>Puts the shards of all ranks, in rank order, into <paramref name="all"/> on every rank.</summary>
    /// <param name="shard">This rank's part; equally long on all ranks. May be its own place in <paramref name="all"/>.</param>
    /// <param name="all">World size × the length of <paramref name="shard"/>. Undefined when the call fails.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other, or the spans overlap elsewhere.</exception>
    /// <exception cref="CollectiveException">A rank died, was too slow, left, or makes another call.</exception>
    public void AllGather<T>(ReadOnlySpan<T> shard, Span<T> all) where T : unmanaged
    {
        RequireFit(all.Length, shard.Length, nameof(all));
        if (all.Overlaps(shard, out var offset) && offset != (long)Rank * shard.Length)
            throw new ArgumentException("shard may overlap all only at this rank's own place.", nameof(shard));
        var call = Begin(CallKind.AllGather, (long)shard.Length * sizeof(T));
        try
        {
            fixed (T* from = shard)
            fixed (T* to = all)
                _fabric.AllGather((byte*)from, (byte*)to, call, new Deadline(_options.Timeout));
        }
        finally
        {
            End();
        }
    }

    /// <summary>Copies the root's data to every rank.</summary>
    /// <param name="data">Equally long on all ranks. Undefined on other ranks than the root when the call fails.</param>
    /// <param name="root">The rank whose data it is; the same on all ranks.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such rank.</exception>
    /// <exception cref="CollectiveException">A rank died, was too slow, left, or makes another call.</exception>
    public void Broadcast<T>(Span<T> data, int root) where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(root);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(root, WorldSize);
        var call = Begin(CallKind.Broadcast, (long)data.Length * sizeof(T), root);
        try
        {
            fixed (T* start = data)
                _fabric.Broadcast((byte*)start, call, new Deadline(_options.Timeout));
        }
        finally
        {
            End();
        }
    }

    /// <summary>Returns when every rank has called it.</summary>
    /// <exception cref="CollectiveException">A rank died, was too slow, left, or makes another call.</exception>
    public void Barrier()
    {
        var call = Begin(CallKind.Barrier, 0);
        try
        {
            _fabric.Barrier(call, new Deadline(_options.Timeout));
        }
        finally
        {
            End();
        }
    }

    /// <summary>Tells the other ranks that this one leaves, and gives everything back. A call in progress on another thread
    /// fails at its next wait.</summary>
    public void Dispose()
    {
        while (Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            _watch?.Declare(CollectiveFailure.PeerLeft, Rank);
            Thread.Sleep(1);
        }

        if (!_disposed)
        {
            _disposed = true;
            _watch?.Dispose();    // before the fabric: the watch touches the shared region
            _fabric.Dispose();
        }

        End();
    }

    private static CollectiveGroup Join(CollectiveMembership membership, CollectiveOptions options)
    {
        Libc.Bind();
        var gathering = Meet(membership, options);
        var shared = gathering.Transport == CollectiveTransport.SharedMemory;
        var beat = TimeSpan.FromMilliseconds(Math.Clamp(options.Timeout.TotalMilliseconds / 20, 20, 1000));
        var watch = new PeerWatch(
            membership.Rank, membership.WorldSize, membership.Generation, gathering.Links, shared ? null : beat);
        try
        {
            using var door = gathering.Door;
            Fabric fabric;
            if (shared)
            {
                fabric = new SharedMemoryFabric(membership.Rank, membership.WorldSize,
                    SharedMemoryFabric.SlotBytes(membership.WorldSize, gathering.ChunkBytes), gathering.SmallBytesMax, gathering.Region!, watch);
                watch.Start();
            }
            else
            {
                watch.Start();
                var (next, previous) = door.Open(
                    membership, gathering.Transport, gathering.Next, gathering.Nonce, watch, new Deadline(options.MeetingTimeout));
                fabric = new RingFabric(gathering.Transport, membership.Rank, membership.WorldSize,
                    gathering.ChunkBytes, gathering.SmallBytesMax, next, previous, watch);
            }

            return new CollectiveGroup(membership, options, watch, fabric);
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    private static Gathering Meet(CollectiveMembership membership, CollectiveOptions options)
    {
        if (membership.Rank == 0)
        {
            using var host = new MeetingHost(membership, options);
            return host.Hold();
        }

        using var guest = new MeetingGuest(membership, options);
        return guest.Attend();
    }

    private void Reduce<T>(Span<T> data, ElementType element, ReduceOperation operation) where T : unmanaged
    {
        var reduction = Reduction.For(element, operation);
        var call = Begin(CallKind.AllReduce, data.Length, 0, operation, element);
        try
        {
            fixed (T* start = data)
                _fabric.AllReduce((byte*)start, reduction, call, new Deadline(_options.Timeout));
        }
        finally
        {
            End();
        }
    }

    private void Scatter<T>(ReadOnlySpan<T> data, Span<T> shard, ElementType element, ReduceOperation operation) where T : unmanaged
    {
        RequireFit(data.Length, shard.Length, nameof(data));
        if (data.Overlaps(shard))
            throw new ArgumentException("shard must not overlap data.", nameof(shard));
        var reduction = Reduction.For(element, operation);
        var call = Begin(CallKind.ReduceScatter, shard.Length, 0, operation, element);
        try
        {
            fixed (T* from = data)
            fixed (T* to = shard)
                _fabric.ReduceScatter((byte*)from, (byte*)to, reduction, call, new Deadline(_options.Timeout));
        }
        finally
        {
            End();
        }
    }

    private void RequireFit(int whole, int part, string name)
    {
        if (whole != (long)part * WorldSize)
            throw new ArgumentException($"{name} holds {whole} elements; it must hold {WorldSize} × {part}, world size × shard.", name);
    }

    private CallHeader Begin(
        CallKind kind, long count, int root = 0, ReduceOperation operation = ReduceOperation.Sum, ElementType element = ElementType.Bytes)
    {
        if (Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
            throw new InvalidOperationException("Another call is in progress on this group: make collective calls one at a time.");
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _watch?.Entering(_sequence + 1);
        }
        catch
        {
            End();
            throw;
        }

        return new CallHeader(++_sequence, count, root, kind, operation, element);
    }

    private void End() => Volatile.Write(ref _busy, 0);
}
