using System.Text;

namespace Muster.Codecs.JobFile;

/// <summary>Splits a command line into words as a shell would, without any expansion.</summary>
internal static class Words
{
    /// <summary>The words; null: a quote is left open.</summary>
    public static List<string>? Split(string line)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            switch (c)
            {
                case ' ' or '\t' or '\n' or '\r':
                    if (word is not null)
                        words.Add(word.ToString());
                    word = null;
                    break;
                case '\'' or '"':
                    word ??= new();
                    if ((i = Quote(line, i, word)) < 0)
                        return null;
                    break;
                case '\\' when i + 1 < line.Length:
                    (word ??= new()).Append(line[++i]);
                    break;
                default:
                    (word ??= new()).Append(c);
                    break;
            }
        }

        if (word is not null)
            words.Add(word.ToString());
        return words;
    }

    /// <summary>Takes a quoted part; the index of its closing quote, or -1.</summary>
    private static int Quote(string line, int open, StringBuilder word)
    {
        for (var i = open + 1; i < line.Length; i++)
        {
            if (line[i] == line[open])
                return i;
            if (line[open] == '"' && line[i] == '\\' && i + 1 < line.Length && line[i + 1] is ('"' or '\\'))
                i++;
            word.Append(line[i]);
        }

        return -1;
    }
}

/// <summary>Replaces <c>${name}</c>; <c>$${</c> stands for <c>${</c> itself.</summary>
internal static class Parameters
{
    /// <summary>Whether a text is a parameter's or an environment variable's name.</summary>
    public static bool IsName(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>The text with parameters replaced; what is unknown is handed to <paramref name="unknown"/> and left out.</summary>
    public static string Replace(string text, IReadOnlyDictionary<string, string> values, Action<string> unknown)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var rest = text.AsSpan(i);
            if (rest.StartsWith("$${"))
            {
                result.Append("${");
                i += 2;
            }
            else if (rest.StartsWith("${"))
            {
                var end = text.IndexOf('}', i);
                var name = end < 0 ? text[(i + 2)..] : text[(i + 2)..end];
                if (end >= 0 && values.TryGetValue(name, out var value))
                    result.Append(value);
                else
                    unknown(end < 0 ? "" : name);
                i = end < 0 ? text.Length : end;
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }

    /// <summary>A text that means itself.</summary>
    public static string Escape(string text) => text.Replace("${", "$${", StringComparison.Ordinal);
}

/// <summary>What a program can be given.</summary>
internal static class Characters
{
    /// <summary>No zero character, and no half of a surrogate pair.</summary>
    public static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0' || char.IsLowSurrogate(text[i]))
                return false;
            if (char.IsHighSurrogate(text[i]) && (++i == text.Length || !char.IsLowSurrogate(text[i])))
                return false;
        }

        return true;
    }
}
