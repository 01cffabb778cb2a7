using System.Text.Json;

namespace Muster.Worker.Keeper;

/// <summary>Reads what the keeper says; what does not read as documented is the keeper's fault and says so.</summary>
internal static class KeeperJson
{
    /// <exception cref="KeeperUnreachableException">Not JSON, or a member is missing or of another kind.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> body, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return read(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new KeeperUnreachableException(
                $"Muster's keeper said something that the worker API does not know ({e.Message}): "
                + "use the Muster.Worker that belongs to the installed muster.", e);
        }
    }

    /// <summary>The reason in a refusal, or its whole body when it has none.</summary>
    public static string Why(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out var error)
                ? error.ToString()
                : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }
}
