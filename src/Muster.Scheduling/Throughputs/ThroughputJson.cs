using System.Text.Json;

namespace Muster.Scheduling.Throughputs;

/// <summary>Reads a table in the JSON form of the literature: type → <c>('model', gpus)</c> → <c>null</c> or another kind → steps per second.</summary>
/// <remarks>Types whose name ends in <c>_unconsolidated</c> are left out: nothing here places a gang across a network on purpose.</remarks>
public static class ThroughputJson
{
    private const string Unconsolidated = "_unconsolidated";

    /// <summary>Reads a whole file.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <param name="file">Its name, for what may be wrong with it.</param>
    /// <exception cref="SchedulingInputException">It is not such a table; the text names line and column.</exception>
    public static ThroughputTable Read(ReadOnlySpan<byte> utf8, string file)
    {
        var reading = new Reading(file);
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip });
        try
        {
            reading.Read(ref reader, utf8);
        }
        catch (JsonException e)
        {
            throw new SchedulingInputException(file, (e.LineNumber ?? 0) + 1, (e.BytePositionInLine ?? 0) + 1, $"not JSON here: {e.Message.Split(" LineNumber")[0]}");
        }

        return reading.Build();
    }

    private sealed class Reading(string file)
    {
        private readonly SortedDictionary<string, Dictionary<(string, int), double>> _isolated = new(StringComparer.Ordinal);
        private readonly List<(string Type, (string, int) Kind, (string, int) Other, double Mine)> _pairs = [];

        public void Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
        {
            Open(ref reader, utf8, JsonTokenType.StartObject, "an object with one entry per GPU type");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var type = reader.GetString()!;
                if (type.EndsWith(Unconsolidated, StringComparison.Ordinal))
                {
                    reader.Skip();
                    continue;
                }

                Open(ref reader, utf8, JsonTokenType.StartObject, $"the kinds of jobs on '{type}'");
                _isolated[type] = [];
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                    ReadKind(ref reader, utf8, type);
            }

            while (reader.Read())
            {
            }
        }

        public ThroughputTable Build()
        {
            string[] types = [.. _isolated.Keys];
            if (types.Length == 0)
                throw new SchedulingInputException(file, 1, 1, "a throughput table names at least one GPU type");
            var kinds = new Dictionary<(string, int), JobKind>();
            for (var type = 0; type < types.Length; type++)
                foreach (var (key, rate) in _isolated[types[type]])
                {
                    if (!kinds.TryGetValue(key, out var kind))
                        kinds[key] = kind = new JobKind(key.Item1, key.Item2, new double[types.Length]);
                    kind.Isolated[type] = rate;
                }

            foreach (var (type, key, other, mine) in _pairs)
                if (kinds.TryGetValue(other, out var beside))
                    kinds[key].SetBeside(beside, Array.IndexOf(types, type), types.Length, mine);
            return new ThroughputTable([.. types], kinds.Values);
        }

        private void ReadKind(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, string type)
        {
            var kind = Kind(ref reader, utf8);
            Open(ref reader, utf8, JsonTokenType.StartObject, "an object with 'null' and the kinds it shares GPUs with");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("null"))
                {
                    reader.Read();
                    _isolated[type][kind] = Rate(ref reader, utf8);
                    continue;
                }

                var other = Kind(ref reader, utf8);
                Open(ref reader, utf8, JsonTokenType.StartArray, "two throughputs: [mine, theirs]");
                reader.Read();
                _pairs.Add((type, kind, other, Rate(ref reader, utf8)));
                reader.Read();
                Rate(ref reader, utf8);
                Open(ref reader, utf8, JsonTokenType.EndArray, "exactly two throughputs");
            }

            _isolated[type].TryAdd(kind, 0);
        }

        private (string Model, int Gpus) Kind(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
        {
            var text = reader.GetString()!;
            var comma = text.LastIndexOf(',');
            if (comma > 3 && text.StartsWith('(') && text.EndsWith(')') && text[1] is '\'' or '"' && text[comma - 1] == text[1]
                && int.TryParse(text.AsSpan(comma + 1, text.Length - comma - 2), out var gpus) && gpus > 0)
                return (text[2..(comma - 1)], gpus);
            throw Wrong(ref reader, utf8, $"\"{text}\" is not a kind of job such as \"('ResNet-18 (batch size 16)', 1)\"");
        }

        private double Rate(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
        {
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var rate) && rate >= 0 && double.IsFinite(rate))
                return rate;
            throw Wrong(ref reader, utf8, "a throughput is a finite number of steps per second, not negative");
        }

        private void Open(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, JsonTokenType wanted, string what)
        {
            if (!reader.Read() || reader.TokenType != wanted)
                throw Wrong(ref reader, utf8, $"expected {what}");
        }

        private SchedulingInputException Wrong(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, string message)
        {
            var before = utf8[..(int)Math.Min(reader.TokenStartIndex, utf8.Length)];
            return new SchedulingInputException(file, before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'), message);
        }
    }
}
