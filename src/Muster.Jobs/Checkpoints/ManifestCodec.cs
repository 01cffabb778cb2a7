using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Muster.Jobs.Nodes;
using Muster.Primitives;

namespace Muster.Jobs.Checkpoints;

/// <summary>Manifests as canonical JSON: one content has one sequence of bytes. See docs/formats/manifest.md.</summary>
public static class ManifestCodec
{
    /// <summary>Writes a manifest.</summary>
    public static ByteString Encode(Manifest manifest)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Manifest.Version);
            json.WriteString("job", manifest.Job.Name);
            json.WriteNumber("step", manifest.Step.Number);
            json.WriteNumber("generation", manifest.Generation.Number);
            json.WriteString("cluster", manifest.Token.Cluster.ToString());
            json.WriteNumber("token", manifest.Token.Granted.Number);
            json.WriteNumber("worldSize", manifest.WorldSize);
            json.WriteStartArray("shards");
            foreach (var shard in manifest.Shards)
                Write(json, shard);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return ByteString.Copy([.. buffer.WrittenSpan, (byte)'\n']);
    }

    /// <summary>Reads a manifest; never throws, whatever the bytes.</summary>
    public static ManifestResult Decode(ByteString bytes)
    {
        if (bytes.Length > ManifestLimits.BytesMax)
            return new ManifestResult.Refused(
                ManifestError.TooLarge, $"the manifest has {bytes.Length} bytes, the limit is {ManifestLimits.BytesMax}: restore another checkpoint");
        try
        {
            using var document = JsonDocument.Parse(bytes.Memory, new() { MaxDepth = 8 });
            var manifest = Read(document.RootElement);
            return Encode(manifest) == bytes
                ? new ManifestResult.Read(manifest)
                : new ManifestResult.Refused(
                    ManifestError.NotCanonical, "the manifest's bytes are not those Muster writes for its content: it was changed; restore another checkpoint");
        }
        catch (ManifestRefusedException refused)
        {
            return new ManifestResult.Refused(refused.Error, refused.Message);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or OverflowException)
        {
            return new ManifestResult.Refused(
                ManifestError.Malformed, $"the manifest is not of the right shape ({wrong.Message}): restore another checkpoint");
        }
    }

    private static void Write(Utf8JsonWriter json, ShardFacts shard)
    {
        json.WriteStartObject();
        json.WriteNumber("rank", shard.Rank.Number);
        json.WriteStartArray("files");
        foreach (var file in shard.Files.OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString("name", file.Name);
            json.WriteNumber("bytes", file.Bytes);
            json.WriteString("digest", file.Digest);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static Manifest Read(JsonElement root)
    {
        var version = root.GetProperty("version").GetInt32();
        if (version > Manifest.Version)
            throw new ManifestRefusedException(
                ManifestError.Newer, $"the manifest has version {version} and this program reads up to {Manifest.Version}: upgrade it");
        Check(version == Manifest.Version, "version is below 1");
        var job = root.GetProperty("job").GetString();
        Check(JobId.IsValid(job), "job is not a job's name");
        var step = new TrainingStep(Number(root, "step", 0, long.MaxValue));
        var worldSize = (int)Number(root, "worldSize", 1, int.MaxValue);
        var token = new FencingToken(Cluster(root), new(Number(root, "token", 0, long.MaxValue)));
        var shards = root.GetProperty("shards").EnumerateArray().Select((shard, rank) => Shard(shard, step, rank)).ToImmutableArray();
        var bytes = 0L;
        foreach (var file in shards.SelectMany(shard => shard.Files))
        {
            Check(file.Bytes <= long.MaxValue - bytes, "its files have more bytes than can be counted");
            bytes += file.Bytes;
        }

        Check(shards.Length == worldSize, $"there are {shards.Length} shards for worldSize {worldSize}");
        return new()
        {
            Job = new(job!),
            Step = step,
            Generation = new(Number(root, "generation", 1, long.MaxValue)),
            Token = token,
            WorldSize = worldSize,
            Shards = shards,
        };
    }

    private static ShardFacts Shard(JsonElement shard, TrainingStep step, int rank)
    {
        Check(Number(shard, "rank", 0, int.MaxValue) == rank, $"shard {rank} is not of rank {rank}: one is missing, twice or out of order");
        var files = shard.GetProperty("files").EnumerateArray().Select(File).ToImmutableArray();
        for (var i = 1; i < files.Length; i++)
            Check(string.CompareOrdinal(files[i - 1].Name, files[i].Name) < 0, $"rank {rank} has file {files[i].Name} twice or out of order");
        return new(step, new(rank), files);
    }

    private static ShardFile File(JsonElement file)
    {
        var name = file.GetProperty("name").GetString();
        Check(IsFileName(name), "a file's name is empty, too long, absolute, or leaves the shard's directory");
        var digest = file.GetProperty("digest").GetString();
        Check(IsDigest(digest), $"the digest of {name} is not 32 lower-case hexadecimal digits");
        return new(name!, Number(file, "bytes", 0, long.MaxValue), digest!);
    }

    private static ClusterId Cluster(JsonElement root)
    {
        var text = root.GetProperty("cluster").GetString();
        Check(text is { Length: 16 } && ulong.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _), "cluster is not an id");
        return new(ulong.Parse(text!, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    /// <summary>Whether a name stays below its shard's directory.</summary>
    public static bool IsFileName(string? name) =>
        name is { Length: > 0 and <= ManifestLimits.FileNameMax } && !name.Contains('\0', StringComparison.Ordinal)
        && name.Split('/').All(part => part is not ("" or "." or ".."));

    /// <summary>Whether a text is a digest: 32 lower-case hexadecimal digits.</summary>
    public static bool IsDigest(string? text) => text is { Length: 32 } && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    private static long Number(JsonElement parent, string name, long low, long high)
    {
        var number = parent.GetProperty(name).GetInt64();
        Check(number >= low && number <= high, $"{name} is {number}, outside {low}..{high}");
        return number;
    }

    private static void Check(bool condition, string text)
    {
        if (!condition)
            throw new ManifestRefusedException(ManifestError.Invalid, $"the manifest is wrong: {text}; restore another checkpoint");
    }

    private sealed class ManifestRefusedException(ManifestError error, string text) : Exception(text)
    {
        public ManifestError Error { get; } = error;
    }
}
