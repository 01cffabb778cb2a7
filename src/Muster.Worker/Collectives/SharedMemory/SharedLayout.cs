namespace Muster.Worker.Collectives;

/// <summary>Where things lie in the shared region. Words that different ranks write never share a cache line pair.</summary>
internal readonly unsafe struct SharedLayout(byte* start, int worldSize, int slotBytes)
{
    /// <summary>Slots per rank, used in turn.</summary>
    public const int Slots = 8;

    private const int EpochAt = 256, RanksAt = 512, RankStride = 256, HeadersAt = 128;

    /// <summary>The number of the last barrier at which all ranks have arrived: the word to sleep on.</summary>
    public int* Epoch => (int*)(start + EpochAt);

    /// <summary>16 bytes that prove that the region belongs to this group.</summary>
    public Span<byte> Nonce => new(start, 16);

    /// <summary>The number of the last barrier at which a rank arrived.</summary>
    public long* Arrived(int rank) => (long*)(start + RanksAt + (rank * RankStride));

    /// <summary>The barrier that a sleeping rank waits for; 0 while it is awake.</summary>
    public long* Wanted(int rank) => Arrived(rank) + 1;

    /// <summary>What a rank believes it is calling; two, so that a fast rank may enter its next call.</summary>
    public CallHeader* Header(int rank, long sequence) =>
        (CallHeader*)(start + RanksAt + (rank * RankStride) + HeadersAt + ((sequence & 1) * CallHeader.Bytes));

    /// <summary>A rank's slot for a turn.</summary>
    public byte* Slot(int rank, long turn) => start + SlotsAt(worldSize) + (((rank * (long)Slots) + (turn % Slots)) * slotBytes);

    public static long Length(int worldSize, int slotBytes) => SlotsAt(worldSize) + (worldSize * (long)Slots * slotBytes);

    private static long SlotsAt(int worldSize) => (RanksAt + (worldSize * (long)RankStride) + 4095) & ~4095L;
}
