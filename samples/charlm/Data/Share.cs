namespace Muster.Samples.Charlm.Data;

/// <summary>Divides a count into contiguous shares, one per rank, whose sizes differ by one at most.</summary>
internal static class Share
{
    public static Range Of(int rank, int worldSize, int count) =>
        (int)((long)count * rank / worldSize)..(int)((long)count * (rank + 1) / worldSize);
}
