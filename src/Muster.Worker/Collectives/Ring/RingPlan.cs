namespace Muster.Worker.Collectives;

/// <summary>Elements in memory that one step sends or receives.</summary>
internal readonly unsafe struct Piece(byte* start, int count, int elementBytes)
{
    public byte* Start { get; } = start;

    public int Count { get; } = count;

    public int ElementBytes { get; } = elementBytes;

    public long Bytes => (long)Count * ElementBytes;
}

/// <summary>What a rank sends to the next and receives from the one before, step by step. The driver overlaps the steps.</summary>
/// <remarks>The driver starts to receive element i of a step only when element i of the send before it has gone out, so that
/// two scratch buffers in turn suffice; and sends what <see cref="Forwards"/> only as far as it has arrived.</remarks>
internal interface IRingPlan
{
    long Steps { get; }

    /// <summary>Where the bytes come from. Called when the step begins to send, once.</summary>
    Piece Sending(long step);

    Piece Receiving(long step);

    /// <summary>Whether the step sends what the receive of the step before completes.</summary>
    bool Forwards(long step);

    /// <summary>Elements [from, to) of a step's receive are there.</summary>
    void Received(long step, Piece piece, int from, int to);
}

/// <summary>Reduce-scatter, then (if wanted) all-gather, chunk by chunk. Step t of a chunk sends segment rank−1−t.</summary>
internal unsafe struct RingReducePlan(
    int rank, int worldSize, byte* data, byte* shard, long total, int chunk, Reduction reduction, byte* scratch) : IRingPlan
{
    private readonly Segments _segments = new(total, worldSize);
    private readonly int _stepsPerChunk = shard == null ? 2 * (worldSize - 1) : worldSize - 1;
    private readonly int _reducing = worldSize - 1;

    public readonly long Steps => Math.Max(1, (_segments.Length + chunk - 1) / chunk) * _stepsPerChunk;

    public readonly bool Forwards(long step) => step % _stepsPerChunk != 0;

    public readonly Piece Sending(long step)
    {
        var (offset, turn) = Locate(step);
        var (start, count) = _segments.Part(Segment(rank - 1 - turn), offset, chunk);
        var elements = data + (start * reduction.ElementBytes);
        if (turn >= _reducing || (turn == 0 && reduction.ElementsAreAccumulators))
            return new Piece(elements, count, reduction.ElementBytes);
        if (turn == 0)
            reduction.Begin(elements, Scratch(2), count);   // 2: a receive of the chunk before may still fill 1
        return new Piece(Scratch(turn == 0 ? 2 : (turn - 1) & 1), count, reduction.AccumulatorBytes);
    }

    public readonly Piece Receiving(long step)
    {
        var (offset, turn) = Locate(step);
        var (start, count) = _segments.Part(Segment(rank - 2 - turn), offset, chunk);
        return turn < _reducing
            ? new Piece(Scratch(turn & 1), count, reduction.AccumulatorBytes)
            : new Piece(data + (start * reduction.ElementBytes), count, reduction.ElementBytes);
    }

    public readonly void Received(long step, Piece piece, int from, int to)
    {
        var (offset, turn) = Locate(step);
        if (turn >= _reducing)
            return;
        var accumulators = piece.Start + ((long)from * reduction.AccumulatorBytes);
        var (start, _) = _segments.Part(Segment(rank - 2 - turn), offset, chunk);
        reduction.Combine(accumulators, data + ((start + from) * reduction.ElementBytes), to - from);
        if (turn != _reducing - 1)
            return;
        var result = shard == null ? data + (start * reduction.ElementBytes) : shard + (offset * reduction.ElementBytes);
        reduction.Finish(accumulators, result + ((long)from * reduction.ElementBytes), to - from, worldSize);
    }

    private readonly (long Offset, int Turn) Locate(long step) =>
        (step / _stepsPerChunk * chunk, (int)(step % _stepsPerChunk));

    private readonly int Segment(int number) => ((number % worldSize) + worldSize) % worldSize;

    private readonly byte* Scratch(int which) => scratch + ((long)which * chunk * reduction.AccumulatorBytes);
}

/// <summary>Every rank's shard travels once around the ring. Step t sends the shard of rank−t.</summary>
internal readonly unsafe struct RingGatherPlan(int rank, int worldSize, byte* all, long shardBytes, int chunk) : IRingPlan
{
    public long Steps => (shardBytes + chunk - 1) / chunk * (worldSize - 1);

    public bool Forwards(long step) => step % (worldSize - 1) != 0;

    public Piece Sending(long step) => Of(rank - (int)(step % (worldSize - 1)), step);

    public Piece Receiving(long step) => Of(rank - 1 - (int)(step % (worldSize - 1)), step);

    public void Received(long step, Piece piece, int from, int to) { }

    private Piece Of(int owner, long step)
    {
        var offset = step / (worldSize - 1) * chunk;
        var from = (owner + worldSize) % worldSize;
        return new Piece(all + (from * shardBytes) + offset, (int)Math.Min(chunk, shardBytes - offset), 1);
    }
}

/// <summary>From the root along the ring to the rank before it.</summary>
internal readonly unsafe struct RingBroadcastPlan(int distance, int worldSize, byte* data, long bytes, int chunk) : IRingPlan
{
    public long Steps => ((bytes + chunk - 1) / chunk) + 1;

    public bool Forwards(long step) => distance != 0;

    // One step later than received, so that forwarding is "what the receive of the step before completes".
    public Piece Sending(long step) => step >= 1 && distance != worldSize - 1 ? Of(step - 1) : default;

    public Piece Receiving(long step) => step < Steps - 1 && distance != 0 ? Of(step) : default;

    public void Received(long step, Piece piece, int from, int to) { }

    private Piece Of(long index) => new(data + (index * chunk), (int)Math.Min(chunk, bytes - (index * chunk)), 1);
}
