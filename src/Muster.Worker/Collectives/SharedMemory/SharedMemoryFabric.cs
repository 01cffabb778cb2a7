namespace Muster.Worker.Collectives;

/// <summary>Collectives of ranks on one host through memory they all map.</summary>
/// <remarks>
/// Each rank has slots that it uses in turn. A long reduction is a pipeline: copy the other ranks' segments of a chunk into my
/// slot; some steps later, combine my segment of it, straight from the others' slots and my own data; some steps later, copy out
/// the results. With slack S (how many steps ranks may be apart) the stages are S steps apart and 2 S slots suffice: what a step
/// reads was finished by all, and what it overwrites was read by all, at least S steps ago.
/// On entering a call, others may still be reading slots of turns before, never the one about to be written.
/// </remarks>
internal sealed unsafe class SharedMemoryFabric : Fabric
{
    private const int Slack = SharedLayout.Slots / 2;

    private readonly int _rank;
    private readonly int _worldSize;
    private readonly int _slotBytes;
    private readonly int _smallBytesMax;
    private readonly SharedRegion _region;
    private readonly SharedLayout _layout;
    private readonly SharedBarrier _barrier;
    private readonly PeerWatch _watch;
    private long _turn;

    public SharedMemoryFabric(
        int rank, int worldSize, int slotBytes, int smallBytesMax, SharedRegion region, PeerWatch watch)
    {
        _rank = rank;
        _worldSize = worldSize;
        _slotBytes = slotBytes;
        _smallBytesMax = smallBytesMax;
        _region = region;
        _layout = new SharedLayout(region.Start, worldSize, slotBytes);
        _barrier = new SharedBarrier(_layout, rank, worldSize, watch);
        _watch = watch;
        watch.Wake = () => Libc.WakeAll(new SharedLayout(region.Start, worldSize, slotBytes).Epoch);
    }

    public override CollectiveTransport Transport => CollectiveTransport.SharedMemory;

    /// <summary>Room for one chunk of every segment, however small a segment's share of the chunk.</summary>
    public static int SlotBytes(int worldSize, int chunkBytes) => Math.Max(chunkBytes, worldSize * 64) + 63 & ~63;

    /// <summary>Marks a fresh region as this group's.</summary>
    public static void Sign(SharedRegion region, byte[] nonce) =>
        nonce.CopyTo(new SharedLayout(region.Start, 1, 0).Nonce);

    /// <summary>Whether a region that was opened by path is this group's: a path may have been used anew.</summary>
    public static bool Bears(SharedRegion region, byte[] nonce) =>
        new SharedLayout(region.Start, 1, 0).Nonce.SequenceEqual(nonce);

    public override void AllReduce(byte* data, Reduction reduction, in CallHeader call, Deadline deadline)
    {
        if (call.Count * reduction.ElementBytes <= Math.Min(_smallBytesMax, _slotBytes))
            ReduceSmall(data, reduction, call, deadline);
        else
            ReduceLong(data, data, publish: true, call.Count, reduction, call, deadline);
    }

    public override void ReduceScatter(byte* data, byte* shard, Reduction reduction, in CallHeader call, Deadline deadline) =>
        ReduceLong(data, shard, publish: false, call.Count * _worldSize, reduction, call, deadline);

    public override void AllGather(byte* shard, byte* all, in CallHeader call, Deadline deadline)
    {
        var offset = 0L;
        do
        {
            var length = Math.Min(_slotBytes, call.Count - offset);
            Buffer.MemoryCopy(shard + offset, _layout.Slot(_rank, _turn), _slotBytes, length);
            Meet(call, offset == 0, deadline);
            for (var i = 0; i < _worldSize; i++)
            {
                var from = (_rank + i) % _worldSize;   // ranks start at different slots, so that they do not queue at one
                var source = from == _rank ? shard + offset : _layout.Slot(from, _turn);
                if (source != all + (from * call.Count) + offset)
                    Buffer.MemoryCopy(source, all + (from * call.Count) + offset, length, length);
            }

            _turn++;
            offset += length;
        }
        while (offset < call.Count);
    }

    public override void Broadcast(byte* data, in CallHeader call, Deadline deadline)
    {
        var offset = 0L;
        do
        {
            var length = Math.Min(_slotBytes, call.Count - offset);
            if (_rank == call.Root)
                Buffer.MemoryCopy(data + offset, _layout.Slot(_rank, _turn), _slotBytes, length);
            Meet(call, offset == 0, deadline);
            if (_rank != call.Root)
                Buffer.MemoryCopy(_layout.Slot(call.Root, _turn), data + offset, length, length);
            _turn++;
            offset += length;
        }
        while (offset < call.Count);
    }

    public override void Barrier(in CallHeader call, Deadline deadline) => Meet(call, first: true, deadline);

    public override void Dispose() => _region.Dispose();

    /// <summary>Waits for everybody; the first time in a call, also checks that everybody makes the same call.</summary>
    private void Meet(in CallHeader call, bool first, Deadline deadline)
    {
        if (first)
            *_layout.Header(_rank, call.Sequence) = call;
        _barrier.Wait(call, deadline);
        if (!first)
            return;
        for (var other = 0; other < _worldSize; other++)
        {
            if (*_layout.Header(other, call.Sequence) != call)
                throw Disagreement(call);
        }
    }

    /// <summary>Blames the lowest rank that differs from what most ranks call, so that all ranks blame the same one.</summary>
    private CollectiveException Disagreement(in CallHeader call)
    {
        var most = (Rank: 0, Votes: 0);
        for (var candidate = 0; candidate < _worldSize; candidate++)
        {
            var votes = 0;
            for (var other = 0; other < _worldSize; other++)
                votes += *_layout.Header(other, call.Sequence) == *_layout.Header(candidate, call.Sequence) ? 1 : 0;
            if (votes > most.Votes)
                most = (candidate, votes);
        }

        var usual = *_layout.Header(most.Rank, call.Sequence);
        var blamed = 0;
        while (*_layout.Header(blamed, call.Sequence) == usual)
            blamed++;
        return _watch.Fail(CollectiveFailure.Mismatch, blamed,
            $"rank {blamed} makes {*_layout.Header(blamed, call.Sequence)} while rank {most.Rank} makes {usual}");
    }

    /// <summary>Everybody combines everything, in the same order: more reading, but a single wait.</summary>
    private void ReduceSmall(byte* data, Reduction reduction, in CallHeader call, Deadline deadline)
    {
        var bytes = call.Count * reduction.ElementBytes;
        Buffer.MemoryCopy(data, _layout.Slot(_rank, _turn), _slotBytes, bytes);
        Meet(call, first: true, deadline);
        var segments = new Segments(call.Count, _worldSize);
        var sources = stackalloc byte*[_worldSize];
        for (var segment = 0; segment < _worldSize; segment++)
        {
            var (start, count) = segments.Part(segment, 0, int.MaxValue);
            if (count == 0)
                break;
            for (var i = 0; i < _worldSize; i++)
                sources[i] = _layout.Slot((segment + 1 + i) % _worldSize, _turn) + (start * reduction.ElementBytes);
            reduction.CombineAll(sources, _worldSize, data + (start * reduction.ElementBytes), null, count);
        }

        _turn++;
    }

    private void ReduceLong(
        byte* data, byte* result, bool publish, long total, Reduction reduction, in CallHeader call, Deadline deadline)
    {
        var segments = new Segments(total, _worldSize);
        var stride = (_slotBytes / _worldSize) & ~63;   // bytes of a slot that belong to one segment
        var chunk = stride / reduction.ElementBytes;
        var chunks = Math.Max(1, (segments.Length + chunk - 1) / chunk);
        var lag = chunks >= 2 * Slack ? Slack : 1;   // a short pipeline would only be drained
        var streaming = total * reduction.ElementBytes >= StreamingCopy.BytesMin;
        var last = chunks - 1 + (publish ? 2 * lag : lag);
        for (var step = 0L; step <= last; step++)
        {
            if (step < chunks)
                CopyIn(data, step, segments, chunk, stride, reduction.ElementBytes);
            if (step >= lag && step - lag < chunks)
                CombineOwn(data, result, publish, step - lag, segments, chunk, stride, reduction);
            if (step >= 2 * lag && publish)
                CopyOut(data, step - (2 * lag), segments, chunk, stride, reduction.ElementBytes, streaming);
            if (step == 0)
                Meet(call, first: true, deadline);
            else if (step < last)
                _barrier.Wait(lag - 1, call, deadline);
        }

        if (streaming)
            StreamingCopy.Finish();
        _turn += chunks;
    }

    private void CopyIn(byte* data, long index, Segments segments, int chunk, int stride, int elementBytes)
    {
        var slot = _layout.Slot(_rank, _turn + index);
        for (var segment = 0; segment < _worldSize; segment++)
        {
            if (segment == _rank)
                continue;
            var (start, count) = segments.Part(segment, index * chunk, chunk);
            Buffer.MemoryCopy(data + (start * elementBytes), slot + ((long)segment * stride), stride, (long)count * elementBytes);
        }
    }

    /// <summary>My own data is read in place; my part of my slot is free for that reason, and takes the result.</summary>
    private void CombineOwn(
        byte* data, byte* result, bool publish, long index, Segments segments, int chunk, int stride, Reduction reduction)
    {
        var (start, count) = segments.Part(_rank, index * chunk, chunk);
        var sources = stackalloc byte*[_worldSize];
        for (var i = 0; i < _worldSize; i++)
        {
            var from = (_rank + 1 + i) % _worldSize;
            sources[i] = from == _rank
                ? data + (start * reduction.ElementBytes)
                : _layout.Slot(from, _turn + index) + ((long)_rank * stride);
        }

        if (publish)
            reduction.CombineAll(sources, _worldSize, _layout.Slot(_rank, _turn + index) + ((long)_rank * stride),
                sources[_worldSize - 1], count);
        else
            reduction.CombineAll(sources, _worldSize, result + (index * chunk * reduction.ElementBytes), null, count);
    }

    private void CopyOut(byte* data, long index, Segments segments, int chunk, int stride, int elementBytes, bool streaming)
    {
        for (var i = 1; i < _worldSize; i++)
        {
            var segment = (_rank + i) % _worldSize;
            var (start, count) = segments.Part(segment, index * chunk, chunk);
            var slot = _layout.Slot(segment, _turn + index) + ((long)segment * stride);
            var target = data + (start * elementBytes);
            if (streaming)
                StreamingCopy.Copy(slot, target, (long)count * elementBytes);
            else
                Buffer.MemoryCopy(slot, target, (long)count * elementBytes, (long)count * elementBytes);
        }
    }
}
