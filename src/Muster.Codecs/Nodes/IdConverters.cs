using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Jobs.Keepers;
using Muster.Primitives;

namespace Muster.Codecs.Nodes;

/// <summary>Reads and writes an id as the text or number it is, not as an object around it.</summary>
internal abstract class NumberConverter<T> : JsonConverter<T>
{
    protected abstract long NumberOf(T value);

    protected abstract T Make(long number);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Make(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteNumberValue(NumberOf(value));
}

internal abstract class TextConverter<T> : JsonConverter<T>
{
    protected abstract string TextOf(T value);

    /// <exception cref="JsonException">The text is not such an id.</exception>
    protected abstract T Make(string text);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Make(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException("a text is expected"));

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(TextOf(value));
}

internal sealed class GenerationConverter : NumberConverter<Generation>
{
    protected override long NumberOf(Generation value) => value.Number;

    protected override Generation Make(long number) => new(number);
}

internal sealed class StepConverter : NumberConverter<TrainingStep>
{
    protected override long NumberOf(TrainingStep value) => value.Number;

    protected override TrainingStep Make(long number) => new(number);
}

internal sealed class RankConverter : NumberConverter<Rank>
{
    protected override long NumberOf(Rank value) => value.Number;

    protected override Rank Make(long number) =>
        number is >= 0 and <= int.MaxValue ? new Rank((int)number) : throw new JsonException($"{number} is not a rank");
}

internal sealed class AttemptConverter : NumberConverter<Attempt>
{
    protected override long NumberOf(Attempt value) => value.Number;

    protected override Attempt Make(long number) =>
        number is >= 0 and <= int.MaxValue ? new Attempt((int)number) : throw new JsonException($"{number} is not an attempt");
}

internal sealed class JobIdConverter : TextConverter<JobId>
{
    protected override string TextOf(JobId value) => value.Name;

    protected override JobId Make(string text) =>
        JobId.IsValid(text) ? new JobId(text) : throw new JsonException("a job's name has 1 to 63 of a-z, 0-9 and '-'");
}

internal sealed class NodeIdConverter : TextConverter<NodeId>
{
    protected override string TextOf(NodeId value) => value.Name;

    protected override NodeId Make(string text) =>
        text.Length > 0 ? new NodeId(text) : throw new JsonException("a node's name is empty");
}

internal sealed class HostProcessConverter : TextConverter<HostProcess>
{
    protected override string TextOf(HostProcess value) => value.ToString();

    protected override HostProcess Make(string text) =>
        HostProcess.Parse(text) ?? throw new JsonException("a process is written pid:ticks");
}

internal sealed class FencingTokenConverter : TextConverter<FencingToken>
{
    protected override string TextOf(FencingToken value) => value.ToString();

    protected override FencingToken Make(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && ulong.TryParse(text.AsSpan(0, slash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var cluster)
            && long.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var granted)
            ? new FencingToken(new ClusterId(cluster), new Revision(granted))
            : throw new JsonException("a fencing token is written cluster/revision");
    }
}
