using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Primitives;

// In JSON an id is its number or its name, not an object around it: people read these files and answers.

/// <summary>Reads and writes an id as its number.</summary>
public abstract class NumberConverter<T> : JsonConverter<T>
{
    /// <inheritdoc/>
    public sealed override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => From(reader.GetInt64());

    /// <inheritdoc/>
    public sealed override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteNumberValue(Number(value));

    /// <summary>The id with a number.</summary>
    /// <exception cref="JsonException">No id has it.</exception>
    protected abstract T From(long number);

    /// <summary>An id's number.</summary>
    protected abstract long Number(T id);
}

/// <summary>Reads and writes an id as its name.</summary>
public abstract class TextConverter<T> : JsonConverter<T>
{
    /// <inheritdoc/>
    public sealed override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        From(reader.GetString() ?? throw new JsonException("a name is missing"));

    /// <inheritdoc/>
    public sealed override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));

    /// <summary>The id with a name.</summary>
    /// <exception cref="JsonException">No id has it.</exception>
    protected abstract T From(string text);

    /// <summary>An id's name.</summary>
    protected abstract string Text(T id);
}

/// <summary>The JSON form of <see cref="JobId"/>.</summary>
public sealed class JobIdConverter : TextConverter<JobId>
{
    /// <inheritdoc/>
    protected override JobId From(string text) =>
        JobId.IsValid(text) ? new(text) : throw new JsonException($"'{text}' is not a job's name");

    /// <inheritdoc/>
    protected override string Text(JobId id) => id.Name;
}

/// <summary>The JSON form of <see cref="NodeId"/>.</summary>
public sealed class NodeIdConverter : TextConverter<NodeId>
{
    /// <inheritdoc/>
    protected override NodeId From(string text) => new(text);

    /// <inheritdoc/>
    protected override string Text(NodeId id) => id.Name;
}

/// <summary>The JSON form of <see cref="FencingToken"/>.</summary>
public sealed class FencingTokenConverter : TextConverter<FencingToken>
{
    /// <inheritdoc/>
    protected override FencingToken From(string text)
    {
        var slash = text.IndexOf('/');
        if (slash > 0
            && ulong.TryParse(text.AsSpan(0, slash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var cluster)
            && long.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
            return new(new ClusterId(cluster), new Revision(revision));
        throw new JsonException($"'{text}' is not a fencing token");
    }

    /// <inheritdoc/>
    protected override string Text(FencingToken id) => id.ToString();
}

/// <summary>The JSON form of <see cref="Generation"/>.</summary>
public sealed class GenerationConverter : NumberConverter<Generation>
{
    /// <inheritdoc/>
    protected override Generation From(long number) => new(number);

    /// <inheritdoc/>
    protected override long Number(Generation id) => id.Number;
}

/// <summary>The JSON form of <see cref="TrainingStep"/>.</summary>
public sealed class TrainingStepConverter : NumberConverter<TrainingStep>
{
    /// <inheritdoc/>
    protected override TrainingStep From(long number) => new(number);

    /// <inheritdoc/>
    protected override long Number(TrainingStep id) => id.Number;
}

/// <summary>The JSON form of <see cref="Revision"/>.</summary>
public sealed class RevisionConverter : NumberConverter<Revision>
{
    /// <inheritdoc/>
    protected override Revision From(long number) => new(number);

    /// <inheritdoc/>
    protected override long Number(Revision id) => id.Number;
}

/// <summary>The JSON form of <see cref="Rank"/>.</summary>
public sealed class RankConverter : NumberConverter<Rank>
{
    /// <inheritdoc/>
    protected override Rank From(long number) => new(number is >= 0 and <= int.MaxValue ? (int)number : throw new JsonException($"{number} is out of range"));

    /// <inheritdoc/>
    protected override long Number(Rank id) => id.Number;
}

/// <summary>The JSON form of <see cref="Attempt"/>.</summary>
public sealed class AttemptConverter : NumberConverter<Attempt>
{
    /// <inheritdoc/>
    protected override Attempt From(long number) => new(number is >= 0 and <= int.MaxValue ? (int)number : throw new JsonException($"{number} is out of range"));

    /// <inheritdoc/>
    protected override long Number(Attempt id) => id.Number;
}
