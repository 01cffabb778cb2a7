using System.Text;
using Muster.Jobs.Views;

namespace Muster.Cli.Show;

/// <summary>Colours, where the terminal wants them (NO_COLOR is honoured).</summary>
internal static class Style
{
    public static bool Enabled { get; set; }

    public static string Bold(string text) => Wrap("1", text);

    public static string Dim(string text) => Wrap("2", text);

    public static string Red(string text) => Wrap("31", text);

    public static string Green(string text) => Wrap("32", text);

    public static string Yellow(string text) => Wrap("33", text);

    public static string Phase(JobPhase phase) => phase switch
    {
        JobPhase.Completed or JobPhase.Running => Green(JobText.Phase(phase)),
        JobPhase.Failed => Red(JobText.Phase(phase)),
        _ => Yellow(JobText.Phase(phase)),
    };

    /// <summary>Cuts a line to a width in characters; escape sequences do not count and are closed.</summary>
    public static string Cut(string line, int width)
    {
        var result = new StringBuilder();
        var shown = 0;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\e')
            {
                var end = line.IndexOf('m', i);
                result.Append(line, i, end - i + 1);
                i = end;
            }
            else if (shown++ < width)
            {
                result.Append(line[i]);
            }
        }

        return result.ToString();
    }

    private static string Wrap(string code, string text) => Enabled ? $"\e[{code}m{text}\e[0m" : text;
}
