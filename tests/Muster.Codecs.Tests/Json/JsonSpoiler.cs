using System.Text;
using System.Text.Json;
using Muster.Primitives;

namespace Muster.Codecs.Tests.Json;

/// <summary>Spoils JSON documents: bytes, and whole values and members, so that what is wrong is also deep inside.</summary>
internal sealed class JsonSpoiler
{
    private static readonly byte[][] s_values =
    [
        .. new[]
        {
            "null", "true", "false", "0", "-1", "1", "2147483648", "-9223372036854775808", "9223372036854775807", "9223372036854775808", "1e400",
            "0.5", "-0", "\"\"", "\"x\"", "\"\\ud800\"", "\"NaN\"", "\"Infinity\"", "\"1/2\"", "\"00:00:01\"", "\"12:34\"", "[]", "{}", "[null]", "[[]]",
            "{\"a\":null}", "[1,2]", "[{}]", "\"../x\"", "\"Stop\"", "\"\\u0000\"", "99999999999999999999999999", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]",
        }.Select(Encoding.UTF8.GetBytes),
        [(byte)'"', 0xff, 0xc0, (byte)'"'],
    ];

    private readonly (byte[] Bytes, List<Range> Values, List<Range> Members)[] _corpus;

    public JsonSpoiler(params IEnumerable<byte[]> corpus) => _corpus = [.. corpus.Select(bytes => (bytes, Values(bytes), Members(bytes)))];

    /// <summary>One of the corpus as it is, or spoilt once to three times; now and then nothing but noise.</summary>
    public byte[] Next(SeededRandom chance)
    {
        if (chance.Chance(0.02))
        {
            var noise = new byte[chance.Next(80)];
            chance.Fill(noise);
            return noise;
        }

        var (bytes, values, members) = _corpus[chance.Next(_corpus.Length)];
        var spoilt = bytes;
        // Structure first, while the places are right, and from the document's end.
        var first = chance.Next(4);
        if (first == 0)
            spoilt = Replace(spoilt, chance.Pick(values), chance.Pick(s_values));
        else if (first == 1 && members.Count > 0)
            spoilt = Replace(spoilt, chance.Pick(members), chance.Chance(0.7) ? [] : bytes[chance.Pick(members)]);
        for (var times = chance.Next(first < 2 ? 2 : 3); times > 0 && spoilt.Length > 0; times--)
            spoilt = SpoilBytes(spoilt, chance);
        return spoilt;
    }

    private static byte[] SpoilBytes(byte[] bytes, SeededRandom chance)
    {
        var at = chance.Next(bytes.Length);
        switch (chance.Next(4))
        {
            case 0:
                return bytes[..at];
            case 1:
                return [.. bytes.AsSpan(0, at), (byte)chance.Next(256), .. bytes.AsSpan(at)];
            case 2:
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(Math.Min(bytes.Length, at + chance.Next(1, 6)))];
            default:
                var changed = (byte[])bytes.Clone();
                changed[at] ^= (byte)(1 << chance.Next(8));
                return changed;
        }
    }

    private static byte[] Replace(byte[] bytes, Range range, byte[] by) => [.. bytes[..range.Start.Value], .. by, .. bytes[range.End.Value..]];

    private static List<Range> Values(byte[] bytes)
    {
        var found = new List<Range>();
        var open = new Stack<int>();
        var reader = new Utf8JsonReader(bytes);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                open.Push((int)reader.TokenStartIndex);
            else if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                found.Add(open.Pop()..(int)reader.BytesConsumed);
            else if (reader.TokenType != JsonTokenType.PropertyName)
                found.Add((int)reader.TokenStartIndex..(int)reader.BytesConsumed);
        }

        return found;
    }

    /// <summary>A name with its value and the comma behind it.</summary>
    private static List<Range> Members(byte[] bytes)
    {
        var found = new List<Range>();
        var reader = new Utf8JsonReader(bytes);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
                continue;
            var start = (int)reader.TokenStartIndex;
            var value = reader;
            value.Read();
            value.Skip();
            var end = (int)value.BytesConsumed;
            found.Add(start..(end < bytes.Length && bytes[end] == ',' ? end + 1 : end));
        }

        return found;
    }
}
