using System.Globalization;
using System.Text;
using Muster.Primitives;

namespace Muster.Cli.Store;

/// <summary>Guards and operations as they are typed: <c>version(a) = 0</c>, <c>value("my key") != "x"</c>, <c>put a 1 --lease 5f</c>.</summary>
internal static class TransactionText
{
    private static readonly (string Sign, CompareRelation Relation)[] s_relations =
        [("!=", CompareRelation.NotEqual), ("=", CompareRelation.Equal), (">", CompareRelation.Greater), ("<", CompareRelation.Less)];

    public static Compare Guard(string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = open < 0 ? -1 : text.IndexOf(')', EndOfQuoted(text, open + 1));
        if (close < 0)
            throw Bad("--if", text, "write TARGET(KEY) = OPERAND with value, version, create, modify or lease, and =, !=, > or <");
        var rest = text[(close + 1)..].TrimStart();
        var (sign, relation) = Array.Find(s_relations, known => rest.StartsWith(known.Sign, StringComparison.Ordinal));
        if (sign is null)
            throw Bad("--if", text, "behind the key comes =, !=, > or <");
        var key = KeyRange.Single(ByteString.From(Unquoted(text[(open + 1)..close])));
        var operand = Unquoted(rest[sign.Length..].Trim());
        return text[..open].Trim() switch
        {
            "value" => new(key, CompareTarget.Value, relation, 0, ByteString.From(operand)),
            "version" => new(key, CompareTarget.Version, relation, Number(text, operand), default),
            "create" => new(key, CompareTarget.CreateRevision, relation, Number(text, operand), default),
            "modify" => new(key, CompareTarget.ModifyRevision, relation, Number(text, operand), default),
            "lease" => new(key, CompareTarget.Lease, relation, operand == "0" ? 0 : StoreText.Lease(operand).Number, default),
            var target => throw Bad("--if", text, $"'{target}' is none of value, version, create, modify, lease"),
        };
    }

    public static Operation Operation(string option, string text)
    {
        var words = Split(text);
        switch (words)
        {
            case ["put", var key, var value]:
                return new Operation.Put(ByteString.From(key), ByteString.From(value));
            case ["put", var key, var value, "--lease", var lease]:
                return new Operation.Put(ByteString.From(key), ByteString.From(value), StoreText.Lease(lease));
            case ["get", var key]:
                return new Operation.Range(KeyRange.Single(ByteString.From(key)));
            case ["get", var key, "--prefix"]:
                return new Operation.Range(KeyRange.Prefix(ByteString.From(key)));
            case ["del", var key]:
                return new Operation.Delete(KeyRange.Single(ByteString.From(key)));
            case ["del", var key, "--prefix"]:
                return new Operation.Delete(KeyRange.Prefix(ByteString.From(key)));
            default:
                throw Bad(option, text, "write 'put KEY VALUE [--lease ID]', 'get KEY [--prefix]' or 'del KEY [--prefix]', with quotes around words with spaces");
        }
    }

    private static CliException Bad(string option, string text, string what) => new(ExitCode.Usage, $"{option} '{text}': {what}");

    private static long Number(string text, string operand) => long.TryParse(operand, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw Bad("--if", text, $"'{operand}' is no number");

    private static string Unquoted(string text) => Split(text) is [var word] ? word : text;

    private static int EndOfQuoted(string text, int start) =>
        start < text.Length && text[start] == '"' && text.IndexOf('"', start + 1) is > 0 and var end ? end : start;

    private static List<string> Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (quoted, open) = (false, false);
        foreach (var letter in text)
        {
            if (letter == '"')
                (quoted, open) = (!quoted, true);
            else if (letter != ' ' || quoted)
            {
                word.Append(letter);
                open = true;
            }
            else if (open)
            {
                words.Add(word.ToString());
                word.Clear();
                open = false;
            }
        }

        if (open)
            words.Add(word.ToString());
        return words;
    }
}
