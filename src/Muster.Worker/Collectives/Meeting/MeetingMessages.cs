using System.Text;

namespace Muster.Worker.Collectives;

/// <summary>How a rank introduces itself at the meeting. docs/collectives.md gives the bytes.</summary>
internal sealed record Hello(
    long Generation, int Rank, int WorldSize, string Job, CollectiveTransport Wish,
    string MemoryDomain, string SocketDomain, int RingPort, string RingName);

/// <summary>Rank 0's answer when everybody is there: what the group uses, and where the next rank listens.</summary>
/// <remarks>RegionPath: Where to map shared memory; empty if it is not used.
/// NextAddress: Empty: the address by which rank 0 was reached.</remarks>
internal sealed record Invitation(
    byte[] Nonce, CollectiveTransport Transport, int ChunkBytes, int SmallBytesMax, string RegionPath,
    string NextAddress, int NextPort, string NextName);

/// <summary>Rank 0's answer when there will be no group for this rank.</summary>
/// <remarks>Retry: The listener is a remnant of an older generation: the right one is still to come.</remarks>
internal sealed record Refusal(CollectiveFailure Reason, int Rank, string Story, bool Retry);

internal static class MeetingMessages
{
    private const byte HelloKind = 1, InvitationKind = 2, RefusalKind = 3, ReadyKind = 4, GoKind = 5, RingKind = 6;

    public static byte[] Encode(Hello hello) => Write(HelloKind, writer =>
    {
        writer.Write(hello.Generation);
        writer.Write(hello.Rank);
        writer.Write(hello.WorldSize);
        writer.Write(hello.Job);
        writer.Write((byte)hello.Wish);
        writer.Write(hello.MemoryDomain);
        writer.Write(hello.SocketDomain);
        writer.Write(hello.RingPort);
        writer.Write(hello.RingName);
    });

    public static Hello? DecodeHello(byte[]? frame) => Read(frame, HelloKind, reader => new Hello(
        reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt32(), Name(reader), (CollectiveTransport)reader.ReadByte(),
        Name(reader), Name(reader), reader.ReadInt32(), Name(reader)));

    public static byte[] Encode(Invitation invitation) => Write(InvitationKind, writer =>
    {
        writer.Write(invitation.Nonce);
        writer.Write((byte)invitation.Transport);
        writer.Write(invitation.ChunkBytes);
        writer.Write(invitation.SmallBytesMax);
        writer.Write(invitation.RegionPath);
        writer.Write(invitation.NextAddress);
        writer.Write(invitation.NextPort);
        writer.Write(invitation.NextName);
    });

    public static Invitation? DecodeInvitation(byte[]? frame) => Read(frame, InvitationKind, reader => new Invitation(
        reader.ReadBytes(16), (CollectiveTransport)reader.ReadByte(), reader.ReadInt32(), reader.ReadInt32(), Name(reader),
        Name(reader), reader.ReadInt32(), Name(reader)));

    public static byte[] Encode(Refusal refusal) => Write(RefusalKind, writer =>
    {
        writer.Write((int)refusal.Reason);
        writer.Write(refusal.Rank);
        writer.Write(refusal.Story.Length <= MeetingLimits.NameCharsMax ? refusal.Story : refusal.Story[..MeetingLimits.NameCharsMax]);
        writer.Write(refusal.Retry);
    });

    public static Refusal? DecodeRefusal(byte[]? frame) => Read(frame, RefusalKind, reader => new Refusal(
        (CollectiveFailure)reader.ReadInt32(), reader.ReadInt32(), Name(reader), reader.ReadBoolean()));

    /// <summary>A rank has mapped the shared region; or why not.</summary>
    public static byte[] Ready(string trouble) => Write(ReadyKind, writer => writer.Write(trouble));

    public static string? DecodeReady(byte[]? frame) => Read(frame, ReadyKind, Name);

    /// <summary>Begin, with this transport.</summary>
    public static byte[] Go(CollectiveTransport transport) => Write(GoKind, writer => writer.Write((byte)transport));

    public static CollectiveTransport? DecodeGo(byte[]? frame) =>
        Read<object>(frame, GoKind, reader => (CollectiveTransport)reader.ReadByte()) as CollectiveTransport?;

    /// <summary>How a rank introduces itself to the next in the ring.</summary>
    public static byte[] Ring(long generation, int rank, byte[] nonce) => Write(RingKind, writer =>
    {
        writer.Write(generation);
        writer.Write(rank);
        writer.Write(nonce);
    });

    public static (long Generation, int Rank, byte[] Nonce)? DecodeRing(byte[]? frame) =>
        Read<object>(frame, RingKind, reader => (reader.ReadInt64(), reader.ReadInt32(), reader.ReadBytes(16)))
            as (long, int, byte[])?;

    private static byte[] Write(byte kind, Action<BinaryWriter> body)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(kind);
        body(writer);
        writer.Flush();
        return stream.ToArray();
    }

    private static T? Read<T>(byte[]? frame, byte kind, Func<BinaryReader, T> body) where T : class
    {
        if (frame is not { Length: > 0 } || frame[0] != kind)
            return null;
        using var reader = new BinaryReader(new MemoryStream(frame, 1, frame.Length - 1), Encoding.UTF8);
        try
        {
            return body(reader);
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentException)
        {
            return null;   // shorter than it says, or not text: not one of ours
        }
    }

    private static string Name(BinaryReader reader)
    {
        var text = reader.ReadString();
        return text.Length <= MeetingLimits.NameCharsMax ? text : throw new FormatException("a name is too long");
    }
}
