namespace Muster.Raft.Replay;

/// <summary>What a file's output says of each member so far: the latest of its states, its stored and its applied entries.</summary>
/// <remarks>The semantic tier compares these at quiet points; the strict tier compares every line.</remarks>
internal sealed class Facts
{
    private readonly SortedDictionary<string, string> _latest = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<string>> _applied = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedDictionary<long, string>> _stored = new(StringComparer.Ordinal);

    /// <summary>Log text is no fact, and neither is an empty answer.</summary>
    public static List<string> Lines(IEnumerable<string> output)
    {
        string[] levels = ["DEBUG ", "INFO ", "WARN ", "ERROR "];
        var lines = output.Where(line => !levels.Any(level => line.TrimStart().StartsWith(level, StringComparison.Ordinal))
            && line.Trim() is not ("ok" or "")).Select(line => line.TrimEnd()).ToList();
        return lines;
    }

    public void Add(Block block, List<string> lines)
    {
        var node = block.Command == "process-ready" ? block.Words[0].Key : "";
        var section = "";
        foreach (var line in lines.Select(line => line.Trim()))
        {
            if (line.StartsWith("> ", StringComparison.Ordinal))
                (node, section) = (line.EndsWith("handling Ready", StringComparison.Ordinal) ? line.Split(' ')[1] : "", "");
            else if (node.Length > 0)
                section = OfReady(node, section, line);
        }
    }

    public string Text() => string.Join('\n',
        [
            .. _latest.Select(pair => $"{pair.Key} {pair.Value}"),
            .. _stored.Select(pair => $"{pair.Key} stored {string.Join(", ", pair.Value.Values)}"),
            .. _applied.Select(pair => $"{pair.Key} applied {string.Join(", ", pair.Value)}"),
        ]);

    private string OfReady(string node, string section, string line)
    {
        if (line.EndsWith(':') && !line.StartsWith("Ready", StringComparison.Ordinal))
            return line;
        if (line.StartsWith("Lead:", StringComparison.Ordinal))
            _latest[node + " soft"] = line;
        else if (line.StartsWith("HardState", StringComparison.Ordinal))
            _latest[node + " hard"] = line;
        else if (section == "Entries:")
            Store(node, line);
        else if (section == "CommittedEntries:")
            Of(_applied, node).Add(line);
        return section;
    }

    private void Store(string node, string entry)
    {
        if (!_stored.TryGetValue(node, out var log))
            _stored[node] = log = [];
        var index = long.Parse(entry.Split(' ')[0].Split('/')[1]);
        foreach (var replaced in log.Keys.Where(key => key >= index).ToList())
            log.Remove(replaced);
        log[index] = entry;
    }

    private static List<string> Of(SortedDictionary<string, List<string>> map, string node) =>
        map.TryGetValue(node, out var list) ? list : map[node] = [];
}
