using Muster.Codecs.Control;
using Muster.Jobs.Views;

namespace Muster.Cli.Show;

/// <summary>A terminal: output and events scroll by, the job's state stands below and is drawn anew.</summary>
internal sealed class LiveDisplay(TextWriter terminal, Func<int> width) : IRunDisplay
{
    private readonly List<string> _pending = [];
    private List<string> _shown = [];

    public void Note(string text) => _pending.Add(Style.Dim("muster: ") + text);

    public void Output(int rank, string line) => _pending.Add(Style.Dim($"[{rank}] ") + line);

    public void Report(JobReport report, TimeSpan running)
    {
        foreach (var decision in report.Events)
        {
            if (EventText.IsShownLive(decision))
                _pending.Add(EventText.Line(decision));
        }

        Draw(StatusLines.Of(report.View, running, Math.Max(20, width() - 1)));
    }

    public void End(JobView? view, TimeSpan running)
    {
        Draw([]);
        if (view is null)
            return;
        foreach (var line in StatusLines.Of(view, running, int.MaxValue))
            terminal.WriteLine(line);
        terminal.WriteLine(Summary.Of(view, running));
        terminal.Flush();
    }

    private void Draw(List<string> lines)
    {
        var frame = new System.Text.StringBuilder("\e[?25l");
        if (_shown.Count > 0)
            frame.Append($"\e[{_shown.Count}A\r\e[J");
        foreach (var line in _pending)
            frame.Append(line).Append('\n');
        foreach (var line in lines)
            frame.Append(line).Append('\n');
        frame.Append("\e[?25h");
        terminal.Write(frame);
        terminal.Flush();
        _pending.Clear();
        _shown = lines;
    }
}
