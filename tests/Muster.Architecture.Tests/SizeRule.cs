using System.Text.RegularExpressions;

namespace Muster.Architecture.Tests;

/// <summary>No file over 400 lines, no member over 60.</summary>
internal static partial class SizeRule
{
    private const int FileLinesMax = 400;
    private const int MemberLinesMax = 60;

    public static IEnumerable<string> Check(TreeFile file)
    {
        var lines = file.Text.TrimEnd('\n').Split('\n').Length;
        if (lines > FileLinesMax)
            yield return $"{file.Path} has {lines} lines, over {FileLinesMax}: it holds more than one idea";
        foreach (var (line, length) in Members(file.Code))
            if (length > MemberLinesMax)
                yield return $"{file.Path}:{line} has a member of {length} lines, over {MemberLinesMax}: move the work of a branch out";
    }

    /// <summary>First line and length of each member with a body: a block directly inside a type that is no type itself.</summary>
    private static IEnumerable<(int Line, int Length)> Members(string code)
    {
        var blocks = new Stack<(bool IsType, bool IsMember, int Line)>();
        var (line, headerLine) = (1, 1);
        var header = new System.Text.StringBuilder();
        foreach (var c in code)
        {
            switch (c)
            {
                case '{':
                    var isType = TypeHeader().IsMatch(WhereClause().Replace(header.ToString(), ""));
                    blocks.Push((isType, !isType && blocks.TryPeek(out var outer) && outer.IsType, headerLine));
                    header.Clear();
                    break;
                case '}' when blocks.TryPop(out var block):
                    if (block.IsMember)
                        yield return (block.Line, line - block.Line + 1);
                    header.Clear();
                    break;
                case ';':
                    header.Clear();
                    break;
                default:
                    if (header.Length == 0 && !char.IsWhiteSpace(c))
                        headerLine = line;
                    if (header.Length > 0 || !char.IsWhiteSpace(c))
                        header.Append(c);
                    break;
            }

            if (c == '\n')
                line++;
        }
    }

    [GeneratedRegex(@"\b(namespace|class|struct|interface|record|enum)\b")]
    private static partial Regex TypeHeader();

    [GeneratedRegex(@"\bwhere\b.*", RegexOptions.Singleline)]
    private static partial Regex WhereClause();
}
