using System.Text.Json;

namespace Muster.Codecs.Nodes;

/// <summary>What a program under torchrun's conventions leaves in <c>TORCHELASTIC_ERROR_FILE</c>.</summary>
public static class TorchErrorFile
{
    /// <summary>The message in it: both known forms, and anything else that holds one; null when there is none to be found.</summary>
    /// <remarks>Never throws: a program that dies may have written half of it.</remarks>
    public static string? Message(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowTrailingCommas = true, MaxDepth = 16 });
            var element = document.RootElement;
            for (var depth = 0; depth < 4; depth++)
            {
                if (element.ValueKind == JsonValueKind.String)
                    return element.GetString() is { Length: > 0 } text ? text.Trim() : null;
                if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("message", out element))
                    return null;
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }

        return null;
    }
}
