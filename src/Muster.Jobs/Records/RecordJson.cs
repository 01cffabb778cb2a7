using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Muster.Primitives;

namespace Muster.Jobs.Records;

/// <summary>Values of the store as JSON, each with its format version.</summary>
internal static class RecordJson
{
    /// <summary>The newest version this program writes and reads.</summary>
    public const int Version = 1;

    public static ByteString Encode<T>(T record, JsonTypeInfo<T> type) => new(JsonSerializer.SerializeToUtf8Bytes(record, type));

    /// <summary>Reads a value; the error says what was wrong and what to do.</summary>
    public static T? Decode<T>(ByteString bytes, JsonTypeInfo<T> type, out string? error)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(bytes.Memory);
            if (!document.RootElement.TryGetProperty("v", out var version) || !version.TryGetInt32(out var number))
                return Refuse<T>("it has no format version \"v\": it was not written by Muster; delete the key", out error);
            if (number > Version)
                return Refuse<T>($"it has format version {number} and this program reads up to {Version}: upgrade this server", out error);
            error = null;
            return document.RootElement.Deserialize(type) is { } record
                ? WholeRecords.Of(record)
                : Refuse<T>("it is null: delete the key", out error);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            return Refuse<T>($"it is not valid ({wrong.Message}): restore the key from a backup or delete it", out error);
        }
    }

    private static T? Refuse<T>(string why, out string? error)
        where T : class
    {
        error = why;
        return null;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    Converters =
    [
        typeof(JobIdConverter), typeof(NodeIdConverter), typeof(GenerationConverter), typeof(RankConverter),
        typeof(StepConverter), typeof(AttemptConverter),
    ])]
[JsonSerializable(typeof(SpecificationRecord))]
[JsonSerializable(typeof(ControlRecord))]
[JsonSerializable(typeof(SecretsRecord))]
[JsonSerializable(typeof(CurrentRecord))]
[JsonSerializable(typeof(GenerationRecord))]
[JsonSerializable(typeof(StatusRecord))]
[JsonSerializable(typeof(CheckpointRecord))]
[JsonSerializable(typeof(DemandRecord))]
[JsonSerializable(typeof(EventRecord))]
[JsonSerializable(typeof(FilesToDelete))]
internal sealed partial class RecordContext : JsonSerializerContext;

internal abstract class NumberConverter<T>(Func<long, T> wrap, Func<T, long> unwrap) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => wrap(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteNumberValue(unwrap(value));
}

internal abstract class NameConverter<T>(Func<string, T> wrap, Func<T, string> unwrap) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        wrap(reader.GetString() ?? throw new JsonException("a name is null"));

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(unwrap(value));
}

internal sealed class GenerationConverter() : NumberConverter<Generation>(number => new(number), value => value.Number);

internal sealed class RankConverter() : NumberConverter<Rank>(number => new(checked((int)number)), value => value.Number);

internal sealed class StepConverter() : NumberConverter<TrainingStep>(number => new(number), value => value.Number);

internal sealed class AttemptConverter() : NumberConverter<Attempt>(number => new(checked((int)number)), value => value.Number);

internal sealed class JobIdConverter() : NameConverter<JobId>(name => new(name), value => value.Name);

internal sealed class NodeIdConverter() : NameConverter<NodeId>(name => new(name), value => value.Name);
