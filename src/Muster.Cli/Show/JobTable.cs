using Muster.Codecs.Control;

namespace Muster.Cli.Show;

/// <summary>Jobs as a table, one a line.</summary>
internal static class JobTable
{
    public static void Write(TextWriter output, IReadOnlyList<JobReport> reports)
    {
        if (reports.Count == 0)
        {
            output.WriteLine("No jobs below ./.muster. Start one: muster run DIR");
            return;
        }

        output.WriteLine(Style.Dim($"{"JOB",-24} {"PHASE",-10} {"STEP",14} {"RANKS",6} {"GEN",4} {"RESTARTS",9} {"CHECKPOINT",11}"));
        foreach (var view in reports.Select(report => report.View))
        {
            var step = view.Ranks.IsEmpty ? "–" : JobText.Step(view.Ranks[0]);
            var last = view.LastCheckpoint?.Step.ToString() ?? "–";
            output.WriteLine(
                $"{view.Job.Name,-24} {JobText.Phase(view.Phase),-10} {step,14} {view.WorldSize,6} {view.Generations,4} {view.Restarts.Length,9} {last,11}");
        }
    }
}
