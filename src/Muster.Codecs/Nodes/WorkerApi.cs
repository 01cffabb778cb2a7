using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Muster.Jobs.Keepers;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Codecs.Nodes;

/// <summary>Bodies and lines of the worker API (docs/worker-api.md), as a keeper reads and writes them.</summary>
public static class WorkerApi
{
    /// <summary>Longest report line in bytes; a longer one is refused.</summary>
    public const int LineBytesMax = 64 * 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 8 };

    /// <summary>Reads the body of <c>POST /v1/join</c>.</summary>
    /// <exception cref="CodecException">It is not JSON of the right shape.</exception>
    public static WorkerRequest DecodeJoin(ReadOnlyMemory<byte> body) =>
        Parse("join", body, root => (WorkerRequest)new WorkerRequest.Join(
            root.TryGetProperty("client", out var client) ? client.GetString() ?? "" : ""));

    /// <summary>Reads the body of <c>POST /v1/checkpoints</c>.</summary>
    /// <exception cref="CodecException">It is not JSON of the right shape.</exception>
    public static WorkerRequest DecodeBegin(ReadOnlyMemory<byte> body) =>
        Parse("checkpoint", body, root => (WorkerRequest)new WorkerRequest.BeginCheckpoint(
            Step(root.GetProperty("step")),
            root.TryGetProperty("background", out var background) && background.GetBoolean()));

    /// <summary>Reads a report line; null when this version knows nothing in it.</summary>
    /// <exception cref="CodecException">It is not JSON of the right shape.</exception>
    public static WorkerReport? DecodeReport(ReadOnlyMemory<byte> line) => Parse<WorkerReport?>("report line", line, root =>
    {
        var error = root.TryGetProperty("error", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
        if (root.TryGetProperty("promise", out var promise))
            return new WorkerReport.Promised(promise.GetInt64(), Step(root.GetProperty("step")));
        if (root.TryGetProperty("refuse", out var refuse))
            return new WorkerReport.Refused(refuse.GetInt64(), Step(root.GetProperty("step")));
        if (root.TryGetProperty("step", out var step))
            return new WorkerReport.Stepped(Step(step), Metrics(root));
        if (root.TryGetProperty("total", out var total))
            return new WorkerReport.Total(total.GetInt64());
        if (root.TryGetProperty("restored", out var restored))
            return new WorkerReport.Restored(Step(restored));
        if (root.TryGetProperty("restore_failed", out var failed))
            return new WorkerReport.RestoreFailed(Step(failed), error);
        if (root.TryGetProperty("save_failed", out var unsaved))
            return new WorkerReport.SaveFailed(Step(unsaved), error);
        return null;
    });

    /// <summary>A wish line, with its end.</summary>
    public static byte[] Encode(WorkerWish wish) => Write(json =>
    {
        Write(json, "committed", wish.Committed);
        Write(json, "durable", wish.Durable);
        if (wish.Request is not { } request)
        {
            json.WriteNull("request");
            return;
        }

        json.WriteStartObject("request");
        json.WriteNumber("id", request.Id);
        json.WriteNumber("step", request.Step.Number);
        json.WriteBoolean("ends", request.Ends);
        json.WriteString("state", request.State switch
        {
            CheckpointRequestState.Proposed => "proposed",
            CheckpointRequestState.Confirmed => "confirmed",
            _ => "cancelled",
        });
        json.WriteEndObject();
    });

    /// <summary>Status and body of an answer; an empty body with 204.</summary>
    public static (int Status, byte[] Body) Encode(WorkerAnswer answer) => answer switch
    {
        WorkerAnswer.Run(var run) => (200, Write(json => Write(json, run))),
        WorkerAnswer.Directory(var path) => (201, Write(json => json.WriteString("directory", path))),
        WorkerAnswer.Durable(var files) => (200, Write(json => Write(json, files))),
        WorkerAnswer.Accepted => (202, Write(_ => { })),
        WorkerAnswer.Done => (204, []),
        WorkerAnswer.Shards(var step, var directories) => (200, Write(json => Write(json, step, directories))),
        WorkerAnswer.Refusal(var status, var error) => (status, Write(json => json.WriteString("error", error))),
        _ => throw new ArgumentOutOfRangeException(nameof(answer)),
    };

    private static void Write(Utf8JsonWriter json, RunDescription run)
    {
        json.WriteNumber("version", 1);
        json.WriteString("job", run.Job.Name);
        json.WriteNumber("rank", run.Rank.Number);
        json.WriteNumber("world_size", run.WorldSize);
        json.WriteNumber("local_rank", run.LocalRank);
        json.WriteNumber("local_world_size", run.LocalWorldSize);
        json.WriteNumber("node_rank", run.NodeRank);
        json.WriteNumber("generation", run.Generation.Number);
        json.WriteNumber("attempt", run.Attempt.Number);
        json.WriteStartObject("checkpoint");
        json.WriteNumber("every", run.CheckpointEvery);
        json.WriteNumber("uncommitted", run.UncommittedMax);
        json.WriteEndObject();
        if (run.Restore is not { } restore)
        {
            json.WriteNull("restore");
            return;
        }

        json.WriteStartObject("restore");
        json.WriteNumber("step", restore.Step.Number);
        json.WriteNumber("world_size", restore.WorldSize);
        json.WriteString("directory", restore.Directory);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ImmutableArray<ShardFile> files)
    {
        json.WriteNumber("bytes", files.Sum(file => file.Bytes));
        json.WriteStartArray("files");
        foreach (var file in files)
        {
            json.WriteStartObject();
            json.WriteString("name", file.Name);
            json.WriteNumber("bytes", file.Bytes);
            json.WriteString("digest", file.Digest);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, TrainingStep step, ImmutableArray<string> directories)
    {
        json.WriteNumber("step", step.Number);
        json.WriteStartArray("shards");
        for (var rank = 0; rank < directories.Length; rank++)
        {
            json.WriteStartObject();
            json.WriteNumber("rank", rank);
            json.WriteString("directory", directories[rank]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, TrainingStep? step)
    {
        if (step is { } known)
            json.WriteNumber(name, known.Number);
        else
            json.WriteNull(name);
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static TrainingStep Step(JsonElement element) =>
        element.GetInt64() is >= 0 and var step ? new TrainingStep(step) : throw new FormatException("a step is not negative");

    private static ImmutableSortedDictionary<string, double> Metrics(JsonElement root)
    {
        if (!root.TryGetProperty("metrics", out var metrics) || metrics.ValueKind != JsonValueKind.Object)
            return ImmutableSortedDictionary<string, double>.Empty;
        var found = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var metric in metrics.EnumerateObject())
            if (Number(metric.Value) is { } value)
                found[metric.Name] = value;
        return found.ToImmutable();
    }

    /// <summary>A metric that is no number is left out: a loss of NaN travels as a text, since JSON has none.</summary>
    private static double? Number(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number when element.TryGetDouble(out var value) => value,
        JsonValueKind.String when double.TryParse(element.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) => value,
        _ => null,
    };

    private static T Parse<T>(string what, ReadOnlyMemory<byte> bytes, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw new CodecException(what, 0, "an object is expected");
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new CodecException(what, (malformed as JsonException)?.BytePositionInLine ?? 0, malformed.Message);
        }
    }
}
