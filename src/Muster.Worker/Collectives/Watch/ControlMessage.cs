using System.Runtime.InteropServices;

namespace Muster.Worker.Collectives;

internal enum ControlKind
{
    /// <summary>How far a rank is: its call, and whom it waits for.</summary>
    Status = 1,

    /// <summary>The group is over, and who is to blame.</summary>
    Abort = 2,

    /// <summary>A rank disposed its group.</summary>
    Left = 3,
}

/// <summary>What ranks tell each other beside the data, through rank 0.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct ControlMessage
{
    public const int Bytes = 32;
    public const uint Mark = 0x4d435452;

    public uint Magic;
    public ControlKind Kind;
    public int Rank;
    public CollectiveFailure Reason;
    public long Sequence;
    public int WaitingOn;

    public static ControlMessage Of(ControlKind kind, int rank) => new() { Magic = Mark, Kind = kind, Rank = rank, WaitingOn = -1 };
}
