using System.Text;

namespace Muster.Architecture.Tests;

/// <summary>Just enough of C#'s lexical grammar to tell code from comments and literals.</summary>
internal static class CSharpText
{
    /// <summary>The same text, line for line, with comments, strings and characters replaced by blanks.</summary>
    /// <remarks>Holes of interpolated strings are blanked too.</remarks>
    public static string Blank(string text)
    {
        var blanked = new StringBuilder(text);
        for (var at = 0; at < text.Length;)
        {
            var end = EndOfOther(text, at);
            for (var i = at; i < end; i++)
                if (text[i] != '\n')
                    blanked[i] = ' ';
            at = Math.Max(end, at + 1);
        }

        return blanked.ToString();
    }

    /// <summary>Where the comment or literal that begins here ends; the same place when none begins.</summary>
    private static int EndOfOther(string text, int at) => text.AsSpan(at) switch
    {
        ['/', '/', ..] => IndexOrEnd(text, "\n", at),
        ['/', '*', ..] => IndexOrEnd(text, "*/", at) + 2,
        ['\'', ..] => EndOfQuoted(text, at + 1, '\''),
        ['"', ..] or ['$', ..] or ['@', '"' or '$', ..] => EndOfString(text, at),
        _ => at,
    };

    private static int EndOfString(string text, int start)
    {
        var at = start;
        var (dollars, verbatim) = (0, false);
        for (; at < text.Length && text[at] is '$' or '@'; at++)
            (dollars, verbatim) = (dollars + (text[at] == '$' ? 1 : 0), verbatim || text[at] == '@');
        var quotes = 0;
        while (at + quotes < text.Length && text[at + quotes] == '"')
            quotes++;
        if (quotes == 0)
            return start;
        if (quotes >= 3)
            return IndexOrEnd(text, new string('"', quotes), at + quotes) + quotes;
        if (quotes == 2 && !verbatim)
            return at + 2;
        return dollars > 0 ? EndOfInterpolated(text, at + 1, verbatim)
            : verbatim ? EndOfVerbatim(text, at + 1)
            : EndOfQuoted(text, at + 1, '"');
    }

    private static int EndOfQuoted(string text, int at, char quote)
    {
        while (at < text.Length && text[at] != quote && text[at] != '\n')
            at += text[at] == '\\' ? 2 : 1;
        return Math.Min(at + 1, text.Length);
    }

    private static int EndOfVerbatim(string text, int at)
    {
        for (; at < text.Length; at++)
        {
            if (text[at] != '"')
                continue;
            if (at + 1 >= text.Length || text[at + 1] != '"')
                return at + 1;
            at++;
        }

        return text.Length;
    }

    private static int EndOfInterpolated(string text, int at, bool verbatim)
    {
        for (var depth = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '\\' when depth == 0 && !verbatim:
                case '{' when depth == 0 && text.AsSpan(at).StartsWith("{{", StringComparison.Ordinal):
                case '"' when depth == 0 && verbatim && text.AsSpan(at).StartsWith("\"\"", StringComparison.Ordinal):
                    at++;
                    break;
                case '{':
                    depth++;
                    break;
                case '}' when depth > 0:
                    depth--;
                    break;
                case '"' when depth == 0:
                    return at + 1;
                case '"' or '\'' when depth > 0:
                    at = Math.Max(at, EndOfOther(text, at) - 1);
                    break;
            }
        }

        return text.Length;
    }

    private static int IndexOrEnd(string text, string end, int from)
    {
        var at = from < text.Length ? text.IndexOf(end, from, StringComparison.Ordinal) : -1;
        return at < 0 ? text.Length - end.Length : at;
    }
}
