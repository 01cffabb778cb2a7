using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Muster.Primitives;

namespace Muster.Jobs.Specification;

/// <summary>The JSON form of a specification: what is absent has its default, in every section, and not zero.</summary>
/// <remarks>
/// Generated JSON code sets every init-only member, an absent one to its type's zero. So what was read is completed from a blank
/// specification before it becomes one. Naming and the like are those of the context that names this converter.
/// </remarks>
public sealed class SpecificationConverter : JsonConverter<JobSpecification>
{
    private Plain? _plain;

    /// <inheritdoc/>
    public override JobSpecification? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var plain = Of(options);
        if (JsonNode.Parse(ref reader) is not JsonObject read)
            throw new JsonException("a specification is a JSON object");
        try
        {
            Complete(read, plain.Blank);
        }
        catch (ArgumentException twice)   // only now are its names looked at
        {
            throw new JsonException($"a specification has a member twice: {twice.Message}");
        }

        return read.Deserialize(plain.Type);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, JobSpecification value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, Of(options).Type);

    private static void Complete(JsonObject read, JsonObject blank)
    {
        foreach (var (name, value) in blank)
        {
            if (!read.TryGetPropertyValue(name, out var given))
                read[name] = value?.DeepClone();
            else if (given is JsonObject section && value is JsonObject defaults)
                Complete(section, defaults);
        }
    }

    private Plain Of(JsonSerializerOptions options)
    {
        var plain = _plain;
        if (plain?.Options != options)
            _plain = plain = Plain.Of(options);
        return plain;
    }

    /// <summary>The same JSON without this converter, and a blank specification in it, without what has no default.</summary>
    private sealed record Plain(JsonSerializerOptions Options, JsonTypeInfo<JobSpecification> Type, JsonObject Blank)
    {
        public static Plain Of(JsonSerializerOptions options)
        {
            var without = new JsonSerializerOptions(options);
            for (var i = without.Converters.Count - 1; i >= 0; i--)
            {
                if (without.Converters[i] is SpecificationConverter)
                    without.Converters.RemoveAt(i);
            }

            var type = (JsonTypeInfo<JobSpecification>)without.GetTypeInfo(typeof(JobSpecification));
            var blank = JsonSerializer.SerializeToNode(
                new JobSpecification { Name = new JobId("blank"), Run = ["blank"], WorkingDirectory = "/" }, type)!.AsObject();
            foreach (var required in type.Properties.Where(property => property.IsRequired))
                blank.Remove(required.Name);
            return new Plain(options, type, blank);
        }
    }
}
