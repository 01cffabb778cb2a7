namespace Muster.Worker.Collectives;

/// <summary>Where things lie in the shared region. Words that different ranks write never share a cache line pair.</summary>
internal readonly unsafe struct SharedLayout(byte* start, int worldSize, int slotBytes)
{
    private const int CountAt = 128, EpochAt = 256, SleepersAt = 384, RanksAt = 512, RankStride = 256, HeadersAt = 128;

    /// <summary>How many ranks have ever arrived at a barrier, all barriers together.</summary>
    public long* Count => (long*)(start + CountAt);

    /// <summary>The number of the last complete barrier: the word to sleep on.</summary>
    public int* Epoch => (int*)(start + EpochAt);

    public int* Sleepers => (int*)(start + SleepersAt);

    /// <summary>16 bytes that prove that the region belongs to this group.</summary>
    public Span<byte> Nonce => new(start, 16);

    /// <summary>The number of the last barrier at which a rank arrived.</summary>
    public long* Arrived(int rank) => (long*)(start + RanksAt + (rank * RankStride));

    /// <summary>What a rank believes it is calling; two, so that a fast rank may enter its next call.</summary>
    public CallHeader* Header(int rank, long sequence) =>
        (CallHeader*)(start + RanksAt + (rank * RankStride) + HeadersAt + ((sequence & 1) * CallHeader.Bytes));

    /// <summary>A rank's slot for odd or even turns.</summary>
    public byte* Slot(int rank, long turn) => start + SlotsAt(worldSize) + (((rank * 2L) + (turn & 1)) * slotBytes);

    public static long Length(int worldSize, int slotBytes) => SlotsAt(worldSize) + (worldSize * 2L * slotBytes);

    private static long SlotsAt(int worldSize) => (RanksAt + (worldSize * (long)RankStride) + 4095) & ~4095L;
}
