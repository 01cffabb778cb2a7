namespace Muster.Worker.Collectives;

/// <summary>What a stranger on the meeting port can cost at most.</summary>
internal static class MeetingLimits
{
    /// <summary>Bytes of one frame; a longer one closes the connection.</summary>
    public const int FrameBytesMax = 256 * 1024;

    /// <summary>Characters of a job name or an address.</summary>
    public const int NameCharsMax = 1024;

    /// <summary>Connections that have not said who they are; past it the oldest is closed.</summary>
    public const int StrangersMax = 2048;

    /// <summary>How long a connection may take to say who it is.</summary>
    public static readonly TimeSpan IntroductionMax = TimeSpan.FromSeconds(10);

    /// <summary>Between two attempts to connect or bind.</summary>
    public static readonly TimeSpan RetryMin = TimeSpan.FromMilliseconds(10), RetryMax = TimeSpan.FromMilliseconds(200);

    /// <summary>One attempt to connect.</summary>
    public static readonly TimeSpan AttemptMax = TimeSpan.FromSeconds(5);
}
