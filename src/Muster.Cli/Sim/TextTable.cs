namespace Muster.Cli.Sim;

/// <summary>Columns as wide as their widest cell.</summary>
internal static class TextTable
{
    public static void Write(TextWriter to, string[] head, IEnumerable<string[]> rows)
    {
        string[][] all = [head, .. rows];
        var widths = Enumerable.Range(0, head.Length).Select(column => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
            to.WriteLine(string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
    }
}
