using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Muster.Jobs.Agents;
using Muster.Jobs.Keepers;

namespace Muster.Codecs.Nodes;

/// <summary>Frames between agents, servers and keepers: one JSON object each (docs/design/agent-and-keeper.md).</summary>
/// <remarks>Members that a version does not know are ignored; a frame with none that it knows decodes to null and is to be dropped.</remarks>
public static class NodeFrames
{
    /// <summary>Longest frame in bytes, 64 MiB; a longer one is refused.</summary>
    public const int BytesMax = 64 << 20;

    /// <summary>An agent's message to a server.</summary>
    public static byte[] Encode(AgentMessage message) => Write(message switch
    {
        AgentMessage.Hello(var version, var node, var incarnation) => new NodeFrame { AgentHello = new(version, node, incarnation) },
        AgentMessage.Snapshot(var snapshot) => new NodeFrame { Snapshot = snapshot },
        _ => throw new ArgumentOutOfRangeException(nameof(message)),
    });

    /// <summary>A server's message to an agent.</summary>
    public static byte[] Encode(ServerMessage message) => Write(message switch
    {
        ServerMessage.Welcome(var version) => new NodeFrame { Welcome = new(version) },
        ServerMessage.Refused(var why, var leader) => new NodeFrame { Refused = new(why, leader) },
        ServerMessage.Assigned(var assignments) => new NodeFrame { Assigned = assignments },
        _ => throw new ArgumentOutOfRangeException(nameof(message)),
    });

    /// <summary>A keeper's message to its agent.</summary>
    public static byte[] Encode(KeeperMessage message) => Write(message switch
    {
        KeeperMessage.Hello(var version, var job, var process) => new NodeFrame { KeeperHello = new(version, job, process) },
        KeeperMessage.Facts(var facts) => new NodeFrame { Facts = facts },
        _ => throw new ArgumentOutOfRangeException(nameof(message)),
    });

    /// <summary>An agent's order to a keeper.</summary>
    public static byte[] Encode(KeeperOrder order) => Write(order switch
    {
        KeeperOrder.Want(var leader, var assignment) => new NodeFrame { Want = new(leader, assignment) },
        KeeperOrder.Stay => new NodeFrame { Stay = true },
        KeeperOrder.Release(var leader) => new NodeFrame { Release = leader },
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    });

    /// <summary>Reads an agent's message; null when this version knows nothing in it.</summary>
    /// <exception cref="CodecException">The frame is not JSON of the right shape, or too long.</exception>
    public static AgentMessage? DecodeAgentMessage(ReadOnlySpan<byte> frame) => Read(frame, AgentMessage? (read) => read switch
    {
        { AgentHello: { } hello } => new AgentMessage.Hello(hello.Version, hello.Node, hello.Incarnation),
        { Snapshot: { } snapshot } => new AgentMessage.Snapshot(Normalized.Of(snapshot)),
        _ => null,
    });

    /// <summary>Reads a server's message; null when this version knows nothing in it.</summary>
    /// <exception cref="CodecException">The frame is not JSON of the right shape, or too long.</exception>
    public static ServerMessage? DecodeServerMessage(ReadOnlySpan<byte> frame) => Read(frame, ServerMessage? (read) => read switch
    {
        { Welcome: { } welcome } => new ServerMessage.Welcome(welcome.Version),
        { Refused: { } refused } => new ServerMessage.Refused(refused.Why, refused.Leader),
        { Assigned: { } assigned } => new ServerMessage.Assigned(Normalized.Of(assigned)),
        _ => null,
    });

    /// <summary>Reads a keeper's message; null when this version knows nothing in it.</summary>
    /// <exception cref="CodecException">The frame is not JSON of the right shape, or too long.</exception>
    public static KeeperMessage? DecodeKeeperMessage(ReadOnlySpan<byte> frame) => Read(frame, KeeperMessage? (read) => read switch
    {
        { KeeperHello: { } hello } => new KeeperMessage.Hello(hello.Version, hello.Job, hello.Process),
        { Facts: { } facts } => new KeeperMessage.Facts(Normalized.Of(facts)),
        _ => null,
    });

    /// <summary>Reads an agent's order; null when this version knows nothing in it.</summary>
    /// <exception cref="CodecException">The frame is not JSON of the right shape, or too long.</exception>
    public static KeeperOrder? DecodeOrder(ReadOnlySpan<byte> frame) => Read(frame, KeeperOrder? (read) => read switch
    {
        { Want: { } want } => new KeeperOrder.Want(want.Leader, Normalized.Of(want.Assignment)),
        { Stay: true } => new KeeperOrder.Stay(),
        { Release: { } leader } => new KeeperOrder.Release(leader),
        _ => null,
    });

    private static byte[] Write(NodeFrame frame) => JsonSerializer.SerializeToUtf8Bytes(frame, NodeJson.Default.NodeFrame);

    private static T Read<T>(ReadOnlySpan<byte> frame, Func<NodeFrame, T> read)
    {
        if (frame.Length > BytesMax)
            throw new CodecException("node frame", BytesMax, $"{frame.Length} bytes exceed NodeFrames.BytesMax {BytesMax}");
        return NodeDocuments.Read("node frame", frame, NodeJson.Default.NodeFrame, read);
    }
}

/// <summary>What agents and keepers keep on disk, and what a spare interpreter is told: one JSON object each.</summary>
public static class NodeDocuments
{
    /// <summary>An agent's journal.</summary>
    public static byte[] Encode(AgentJournal journal) => JsonSerializer.SerializeToUtf8Bytes(journal, NodeJson.Default.AgentJournal);

    /// <summary>A keeper's journal.</summary>
    public static byte[] Encode(KeeperJournal journal) => JsonSerializer.SerializeToUtf8Bytes(journal, NodeJson.Default.KeeperJournal);

    /// <summary>A spare interpreter's order: one line, with its end.</summary>
    public static byte[] Encode(WarmOrder order) => [.. JsonSerializer.SerializeToUtf8Bytes(order, NodeJson.Default.WarmOrder), (byte)'\n'];

    /// <summary>Reads an agent's journal.</summary>
    /// <exception cref="CodecException">It is not one.</exception>
    public static AgentJournal DecodeAgentJournal(ReadOnlySpan<byte> bytes) =>
        Read("agent journal", bytes, NodeJson.Default.AgentJournal, Normalized.Of);

    /// <summary>Reads a keeper's journal.</summary>
    /// <exception cref="CodecException">It is not one.</exception>
    public static KeeperJournal DecodeKeeperJournal(ReadOnlySpan<byte> bytes) =>
        Read("keeper journal", bytes, NodeJson.Default.KeeperJournal, Normalized.Of);

    internal static TValue Read<T, TValue>(string what, ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type, Func<T, TValue> finish)
        where T : class
    {
        try
        {
            return finish(JsonSerializer.Deserialize(bytes, type) ?? throw new CodecException(what, 0, "it is null"));
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException or OverflowException
            or ArgumentException or NotSupportedException)
        {
            throw new CodecException(what, (malformed as JsonException)?.BytePositionInLine ?? 0, malformed.Message);
        }
    }
}
