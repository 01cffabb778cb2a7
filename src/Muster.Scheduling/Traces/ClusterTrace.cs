using Muster.Scheduling.Throughputs;

namespace Muster.Scheduling.Traces;

/// <summary>Traces of real clusters, which say when, for how long and on how many GPUs, and not what: models are drawn.</summary>
/// <param name="table">Throughputs of the models to draw; a job's steps are its run time on the fastest type.</param>
/// <param name="seed">Seed of the models.</param>
public sealed class ClusterTrace(ThroughputTable table, uint seed)
{
    private readonly MersenneTwister _random = new(seed);

    /// <summary>Jobs left out: without a GPU, without a run time, or with more GPUs than any model here uses.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Alibaba's list of GPU tasks (cluster-trace-gpu-v2023): creation, scheduling and deletion of each, and its GPUs.</summary>
    /// <exception cref="SchedulingInputException">It is not such a list; the text names line and column.</exception>
    public IReadOnlyList<TraceJob> Alibaba(string text, string file)
    {
        var rows = new TraceTable(text, file);
        var (gpus, created, deleted, scheduled) = (
            rows.Require("num_gpu"), rows.Require("creation_time"), rows.Require("deletion_time"), rows.Find("scheduled_time"));
        return Collect(rows, () =>
        {
            var submit = rows.Lines.Number(created, 0, double.MaxValue);
            var began = rows.Maybe(scheduled) ?? submit;
            return (submit, rows.Maybe(deleted) - began ?? 0, rows.Lines.Whole(gpus, 0, TraceLines.GpusMax));
        });
    }

    /// <summary>Philly-like tables: submit time, GPUs and run time of each job, in seconds.</summary>
    /// <exception cref="SchedulingInputException">It is not such a table; the text names line and column.</exception>
    public IReadOnlyList<TraceJob> Philly(string text, string file)
    {
        var rows = new TraceTable(text, file);
        var submit = rows.Require("submit_time", "submitted_time", "submit_time_s", "arrival_s", "submit");
        var gpus = rows.Require("num_gpus", "gpus", "gpu_num", "num_gpu", "scale_factor");
        var duration = rows.Require("duration", "duration_s", "run_time", "runtime");
        return Collect(rows, () => (
            rows.Lines.Number(submit, 0, double.MaxValue), rows.Lines.Number(duration, 0, double.MaxValue), rows.Lines.Whole(gpus, 0, TraceLines.GpusMax)));
    }

    private List<TraceJob> Collect(TraceTable rows, Func<(double Submit, double Duration, int Gpus)> read)
    {
        var found = new List<(double Submit, double Duration, JobKind Kind)>();
        while (rows.Next())
        {
            var (submit, duration, gpus) = read();
            if (duration > 0 && Draw(gpus) is { } kind)
                found.Add((submit, duration, kind));
            else
                LeftOut++;
        }

        var first = found.Count == 0 ? 0 : found.Min(job => job.Submit);
        return [.. found.OrderBy(job => job.Submit).Select((job, id) => new TraceJob(
            id, job.Submit - first, job.Kind.Model, job.Kind.ScaleFactor, job.Duration * job.Kind.Isolated[table.FastestType], job.Duration))];
    }

    private JobKind? Draw(int gpus)
    {
        var kinds = table.Kinds.Where(kind => kind.ScaleFactor == gpus && kind.Isolated[table.FastestType] > 0).ToArray();
        return kinds.Length == 0 ? null : kinds[_random.NextBelow(kinds.Length)];
    }
}
