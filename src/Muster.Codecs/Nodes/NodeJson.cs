using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Jobs.Agents;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Codecs.Nodes;

/// <summary>One frame: exactly one of its members is there.</summary>
internal sealed record NodeFrame
{
    public AgentHello? AgentHello { get; init; }

    public NodeSnapshot? Snapshot { get; init; }

    public ServerWelcome? Welcome { get; init; }

    public ServerRefusal? Refused { get; init; }

    public NodeAssignments? Assigned { get; init; }

    public KeeperHello? KeeperHello { get; init; }

    public JobFacts? Facts { get; init; }

    public WantBody? Want { get; init; }

    public bool? Stay { get; init; }

    public FencingToken? Release { get; init; }
}

internal sealed record AgentHello(int Version, NodeId Node, ulong Incarnation);

internal sealed record ServerWelcome(int Version);

internal sealed record ServerRefusal(string Why, string? Leader);

internal sealed record KeeperHello(int Version, JobId Job, HostProcess Process);

internal sealed record WantBody(FencingToken Leader, JobAssignment Assignment);

/// <summary>The JSON of all that agents, servers and keepers tell each other and keep on disk.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 32,
    Converters =
    [
        typeof(GenerationConverter), typeof(StepConverter), typeof(RankConverter), typeof(AttemptConverter), typeof(JobIdConverter),
        typeof(NodeIdConverter), typeof(HostProcessConverter), typeof(FencingTokenConverter),
    ])]
[JsonSerializable(typeof(NodeFrame))]
[JsonSerializable(typeof(AgentJournal))]
[JsonSerializable(typeof(KeeperJournal))]
[JsonSerializable(typeof(WarmOrder))]
internal sealed partial class NodeJson : JsonSerializerContext;
