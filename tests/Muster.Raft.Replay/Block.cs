namespace Muster.Raft.Replay;

/// <summary>One command of a scenario file: its words, its input and what must come out.</summary>
internal sealed record Block(string File, int Line, string Command, IReadOnlyList<Word> Words, string Input, IReadOnlyList<string> Expected)
{
    public IEnumerable<string> Values(string key) => Words.Where(word => word.Key == key).SelectMany(word => word.Values);

    public string? Value(string key) => Values(key).FirstOrDefault();

    /// <summary>The bare numbers among the words.</summary>
    public IEnumerable<int> Numbers => Words.Where(word => word.Values.Count == 0).Select(word => int.Parse(word.Key));

    /// <summary>Reads a file: comments and blocks of a command, its input, four dashes and its output up to an empty line.</summary>
    public static IEnumerable<Block> Read(string file)
    {
        var lines = System.IO.File.ReadAllLines(file);
        for (var at = 0; at < lines.Length; at++)
        {
            if (lines[at].Length == 0 || lines[at][0] == '#')
                continue;
            var start = at;
            while (lines[at] != "----")
                at++;
            var input = string.Join('\n', lines[(start + 1)..at]);
            var expected = new List<string>();
            for (at++; at < lines.Length && lines[at].Length > 0; at++)
                expected.Add(lines[at]);
            var words = Word.Split(lines[start]).ToList();
            yield return new(Path.GetFileName(file), start + 1, words[0].Key, words[1..], input, expected);
        }
    }
}

/// <summary>A word of a command: key, or key=value, or key=(value,value).</summary>
internal sealed record Word(string Key, IReadOnlyList<string> Values)
{
    public static IEnumerable<Word> Split(string line)
    {
        for (var at = 0; at < line.Length;)
        {
            if (line[at] == ' ')
            {
                at++;
                continue;
            }

            var end = at;
            for (var depth = 0; end < line.Length && (depth > 0 || line[end] != ' '); end++)
                depth += line[end] == '(' ? 1 : line[end] == ')' ? -1 : 0;
            var parts = line[at..end].Split('=', 2);
            at = end;
            yield return parts.Length == 1
                ? new(parts[0], [])
                : new(parts[0], [.. parts[1].Trim('(', ')').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]);
        }
    }
}
