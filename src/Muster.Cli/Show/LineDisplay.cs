using Muster.Codecs.Control;
using Muster.Jobs.Views;

namespace Muster.Cli.Show;

/// <summary>A pipe or a log: one line per event, nothing drawn twice.</summary>
internal sealed class LineDisplay(TextWriter output) : IRunDisplay
{
    private static readonly TimeSpan s_progressEvery = TimeSpan.FromSeconds(5);

    private TimeSpan _progressAt = s_progressEvery;

    public void Note(string text) => Write("muster: " + text);

    public void Output(int rank, string line) => Write($"[{rank}] {line}");

    public void Report(JobReport report, TimeSpan running)
    {
        foreach (var decision in report.Events.Where(EventText.IsShown))
            Write($"{JobText.Duration(running)} {EventText.Line(decision)}");
        if (running < _progressAt || report.View.Phase != JobPhase.Running || report.View.Ranks.IsEmpty)
            return;
        _progressAt = running + s_progressEvery;
        var rank = report.View.Ranks[0];
        if (rank.Step is not null)
            Write($"{JobText.Duration(running)} step {JobText.Step(rank)}  {rank.StepsPerSecond:0.0} steps/s  {JobText.Metrics(report.View)}");
    }

    public void End(JobView? view, TimeSpan running)
    {
        if (view is not null)
            Write(Summary.Of(view, running));
    }

    private void Write(string line)
    {
        output.WriteLine(line);
        output.Flush();
    }
}
