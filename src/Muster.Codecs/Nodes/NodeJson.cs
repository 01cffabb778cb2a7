using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Jobs.Agents;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Jobs.Specification;
using Muster.Primitives;

namespace Muster.Codecs.Nodes;

/// <summary>One frame: exactly one of its members is there.</summary>
internal sealed record NodeFrame
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AgentHello? AgentHello { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NodeSnapshot? Snapshot { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ServerWelcome? Welcome { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ServerRefusal? Refused { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NodeAssignments? Assigned { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public KeeperHello? KeeperHello { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JobFacts? Facts { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WantBody? Want { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Stay { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
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
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 32,
    Converters = [typeof(HostProcessConverter), typeof(SpecificationConverter)])]
[JsonSerializable(typeof(NodeFrame))]
[JsonSerializable(typeof(AgentJournal))]
[JsonSerializable(typeof(KeeperJournal))]
[JsonSerializable(typeof(WarmOrder))]
internal sealed partial class NodeJson : JsonSerializerContext;
