using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Primitives;

// In JSON an id is its number or its name, not an object around it: people read these files and answers.

internal abstract class NumberConverter<T> : JsonConverter<T>
{
    public sealed override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => From(reader.GetInt64());

    public sealed override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteNumberValue(Number(value));

    protected abstract T From(long number);

    protected abstract long Number(T id);
}

internal abstract class TextConverter<T> : JsonConverter<T>
{
    public sealed override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        From(reader.GetString() ?? throw new JsonException("a name is missing"));

    public sealed override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));

    protected abstract T From(string text);

    protected abstract string Text(T id);
}

internal sealed class JobIdConverter : TextConverter<JobId>
{
    protected override JobId From(string text) =>
        JobId.IsValid(text) ? new(text) : throw new JsonException($"'{text}' is not a job's name");

    protected override string Text(JobId id) => id.Name;
}

internal sealed class NodeIdConverter : TextConverter<NodeId>
{
    protected override NodeId From(string text) => new(text);

    protected override string Text(NodeId id) => id.Name;
}

internal sealed class FencingTokenConverter : TextConverter<FencingToken>
{
    protected override FencingToken From(string text)
    {
        var slash = text.IndexOf('/');
        if (slash > 0
            && ulong.TryParse(text.AsSpan(0, slash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var cluster)
            && long.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
            return new(new ClusterId(cluster), new Revision(revision));
        throw new JsonException($"'{text}' is not a fencing token");
    }

    protected override string Text(FencingToken id) => id.ToString();
}

internal sealed class GenerationConverter : NumberConverter<Generation>
{
    protected override Generation From(long number) => new(number);

    protected override long Number(Generation id) => id.Number;
}

internal sealed class TrainingStepConverter : NumberConverter<TrainingStep>
{
    protected override TrainingStep From(long number) => new(number);

    protected override long Number(TrainingStep id) => id.Number;
}

internal sealed class RevisionConverter : NumberConverter<Revision>
{
    protected override Revision From(long number) => new(number);

    protected override long Number(Revision id) => id.Number;
}

internal sealed class RankConverter : NumberConverter<Rank>
{
    protected override Rank From(long number) => new(checked((int)number));

    protected override long Number(Rank id) => id.Number;
}

internal sealed class AttemptConverter : NumberConverter<Attempt>
{
    protected override Attempt From(long number) => new(checked((int)number));

    protected override long Number(Attempt id) => id.Number;
}
