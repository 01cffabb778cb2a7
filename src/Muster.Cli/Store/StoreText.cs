using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Primitives;

namespace Muster.Cli.Store;

/// <summary>Keys and values as people and programs read them.</summary>
internal static class StoreText
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Text where it is text that a line can hold; else bytes as <c>\xNN</c>.</summary>
    public static string Shown(ByteString bytes)
    {
        if (Text(bytes) is { } text && !text.Any(char.IsControl))
            return text.Replace("\\x", "\\\\x", StringComparison.Ordinal);
        var shown = new StringBuilder();
        foreach (var b in bytes.Span)
            shown.Append(b is >= 0x20 and < 0x7F ? ((char)b).ToString() : string.Create(CultureInfo.InvariantCulture, $"\\x{b:x2}"));
        return shown.ToString();
    }

    /// <summary>A key as an object of JSON: what is not text comes in base 64 under a name that says so.</summary>
    public static KeyObject Object(KeyValue key) => new(
        Text(key.Key), Encoded(key.Key), Text(key.Value), Encoded(key.Value), key.Created.Number, key.Modified.Number, key.Version.Number,
        key.Lease == LeaseId.None ? null : key.Lease.ToString());

    /// <summary>Prints an object of JSON as one line.</summary>
    public static void Print<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        Console.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>A lease's id as it is printed: hexadecimal.</summary>
    public static LeaseId Lease(string text) => long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) && id != 0
        ? new(id)
        : throw new CliException(ExitCode.Usage, $"'{text}' is no lease: write its id as it was printed, in hexadecimal");

    private static string? Text(ByteString bytes)
    {
        try
        {
            return s_strict.GetString(bytes.Span);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string? Encoded(ByteString bytes) => Text(bytes) is null ? Convert.ToBase64String(bytes.Span) : null;
}

internal sealed record KeyObject(
    string? Key, string? KeyBase64, string? Value, string? ValueBase64, long CreateRevision, long ModRevision, long Version, string? Lease);

internal sealed record RangeObject(long Revision, long Count, bool More, KeyObject[] Keys);

internal sealed record PutObject(long Revision, KeyObject? Previous);

internal sealed record DeleteObject(long Revision, long Deleted, KeyObject[] Previous);

internal sealed record TransactionObject(long Revision, bool Succeeded, ResultObject[] Results);

internal sealed record ResultObject(RangeObject? Get, PutObject? Put, DeleteObject? Del);

internal sealed record EventObject(string Event, long Revision, KeyObject Key, KeyObject? Previous);

internal sealed record LeaseObject(string Lease, long Seconds, long? Remaining, string[]? Keys);

internal sealed record LeasesObject(string[] Leases);

internal sealed record DoneObject(bool Done, long Revision);

internal sealed record AlarmObject(string Member, string Alarm);

internal sealed record AlarmsObject(AlarmObject[] Alarms);

internal sealed record StatusObject(
    string Endpoint, string Cluster, string Member, string Version, long Revision, long UsedBytes, long? QuotaBytes, ulong RaftIndex, string[] Errors);

internal sealed record BackupObject(string File, long Bytes, string Cluster, long Revision, int Keys, int Leases, string Digest);

internal sealed record RestoredObject(string Data, string Cluster, long Revision);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RangeObject))]
[JsonSerializable(typeof(PutObject))]
[JsonSerializable(typeof(DeleteObject))]
[JsonSerializable(typeof(TransactionObject))]
[JsonSerializable(typeof(EventObject))]
[JsonSerializable(typeof(LeaseObject))]
[JsonSerializable(typeof(LeasesObject))]
[JsonSerializable(typeof(DoneObject))]
[JsonSerializable(typeof(AlarmsObject))]
[JsonSerializable(typeof(StatusObject))]
[JsonSerializable(typeof(BackupObject))]
[JsonSerializable(typeof(RestoredObject))]
internal sealed partial class StoreJson : JsonSerializerContext;
