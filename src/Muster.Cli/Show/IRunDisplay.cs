using Muster.Codecs.Control;
using Muster.Jobs.Views;

namespace Muster.Cli.Show;

/// <summary>What a person, or a program, sees of a run.</summary>
internal interface IRunDisplay
{
    /// <summary>Something about the run itself: a server restarted, a job resumed.</summary>
    void Note(string text);

    /// <summary>The job's state, and decisions that are new.</summary>
    void Report(JobReport report, TimeSpan running);

    /// <summary>A line of a rank's output.</summary>
    void Output(int rank, string line);

    /// <summary>The end; null when the job was never seen.</summary>
    void End(JobView? view, TimeSpan running);
}
