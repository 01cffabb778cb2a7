using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Muster.Jobs.Specification;
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
    Converters = [typeof(SpecificationConverter)])]
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
