using System.Text.Json;
using Muster.RealRuns;

namespace Muster.Cli.Tests;

/// <summary>`muster sim` as people call it.</summary>
public sealed class SimTests
{
    private static readonly string[] s_small = ["--cluster", "v100:4,k80:4", "--rate", "0.5/h", "--window", "0:20"];

    [Fact]
    public void A_run_prints_its_jobs_average_and_verdict_as_json() => RealRun.In(run =>
    {
        var command = run.Run(["sim", "run", "--policy", "fifo", .. s_small, "-o", "json"]);

        Commands.RequireExit(Commands.Done, command);
        using var json = JsonDocument.Parse(command.Output);
        var (root, jobs) = (json.RootElement, json.RootElement.GetProperty("jobs").EnumerateArray().ToArray());
        Assert.Equal("fifo", root.GetProperty("policy").GetString());
        Assert.Equal("finished", root.GetProperty("verdict").GetString());
        Assert.InRange(root.GetProperty("utilization").GetDouble(), 0.001, 1);
        Assert.True(root.GetProperty("rounds").GetInt64() > 0);
        Assert.Equal(jobs.Take(20).Average(job => job.GetProperty("jct_s").GetDouble()), root.GetProperty("average_jct_s").GetDouble(), 1e-6);
        Assert.All(jobs.Take(20), job => Assert.Equal(
            job.GetProperty("completion_s").GetDouble(), job.GetProperty("arrival_s").GetDouble() + job.GetProperty("jct_s").GetDouble(), 1e-6));
        Assert.All(jobs, job => Assert.Equal(1, job.GetProperty("scale_factor").GetInt32()));
    });

    [Fact]
    public void A_run_that_cannot_finish_says_so_and_has_no_average() => RealRun.In(run =>
    {
        var command = run.Run(["sim", "run", "--policy", "las_perf", "--cluster", "v100:2", "--kind", "multi", "--rate", "0.1/h", "--window", "0:30", "-o", "json"]);

        Commands.RequireExit(Commands.Done, command);
        using var json = JsonDocument.Parse(command.Output);
        Assert.Equal("stuck", json.RootElement.GetProperty("verdict").GetString());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("average_jct_s").ValueKind);
        Assert.Contains("GPU", json.RootElement.GetProperty("verdict_text").GetString()!, StringComparison.Ordinal);
        Assert.True(json.RootElement.GetProperty("unfinished").GetInt32() > 0);
    });

    [Fact]
    public void A_report_is_one_page_that_loads_nothing() => RealRun.In(run =>
    {
        var folder = Path.Combine(run.Root, "result");

        Commands.RequireExit(Commands.Done, run.Run(["sim", "run", "--policy", "las_packed", .. s_small, "--out", folder]));

        var page = File.ReadAllText(Path.Combine(folder, "report.html"));
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);
        foreach (var picture in (string[])["jct-cdf.svg", "utilisation.svg", "queue.svg", "timeline.svg", "time-spent.svg"])
        {
            var svg = File.ReadAllText(Path.Combine(folder, picture));
            Assert.Contains(svg, page, StringComparison.Ordinal);
            System.Xml.Linq.XDocument.Parse(svg);
        }

        Assert.Equal(File.ReadLines(Path.Combine(folder, "jobs.csv")).Count() - 1,
            JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "result.json"))).RootElement.GetProperty("jobs").GetArrayLength());
    });

    [Fact]
    public void A_sweep_goes_on_where_it_was_cut_off() => RealRun.In(run =>
    {
        string[] sweep = ["sim", "sweep", "--policies", "fifo,las", "--rates", "0.2,0.4", "--seeds", "0..1", "--cluster", "v100:4", "--window", "0:10", "--out", Path.Combine(run.Root, "sweep")];
        var first = run.Run(sweep);
        var file = Path.Combine(run.Root, "sweep", "runs.jsonl");
        var lines = File.ReadAllLines(file);
        File.WriteAllText(file, string.Join('\n', lines[..5]) + "\n" + lines[5][..40]);

        var second = run.Run(sweep);

        Commands.RequireExit(Commands.Done, second);
        Assert.Equal(first.Output, second.Output);
        Assert.Contains("5 of 8 runs were there already", second.Errors, StringComparison.Ordinal);
    });

    [Fact]
    public void A_comparison_pairs_policies_on_equal_workloads() => RealRun.In(run =>
    {
        var command = run.Run(["sim", "compare", "--policies", "fifo_perf,fifo_aware,las", "--seeds", "0..2", .. s_small, "-o", "json"]);

        Commands.RequireExit(Commands.Done, command);
        using var json = JsonDocument.Parse(command.Output);
        var lines = json.RootElement.GetProperty("policies").EnumerateArray().ToArray();
        Assert.Equal(2, lines.Length);   // two names of one policy are one policy
        Assert.Equal(0, lines[0].GetProperty("difference_h").GetDouble());
        Assert.Equal(6, json.RootElement.GetProperty("runs").GetArrayLength());
    });

    [Fact]
    public void A_generated_trace_runs_as_the_generator_s_own_jobs() => RealRun.In(run =>
    {
        var file = Path.Combine(run.Root, "jobs.csv");
        Commands.RequireExit(Commands.Done, run.Run(["sim", "trace", "generate", "--seed", "3", "--rate", "0.5/h", "--count", "150", "--file", file]));

        var generated = run.Run(["sim", "run", "--policy", "fifo_perf", "--seed", "3", .. s_small, "-o", "json"]);
        var read = run.Run(["sim", "run", "--policy", "fifo_perf", "--seed", "3", .. s_small, "--trace", file, "-o", "json"]);

        Assert.Equal(Jcts(generated), Jcts(read));

        static double[] Jcts(MusterProcess command)
        {
            using var json = JsonDocument.Parse(command.Output);
            return [.. json.RootElement.GetProperty("jobs").EnumerateArray().Take(20).Select(job => job.GetProperty("jct_s").GetDouble())];
        }
    });

    [Theory]
    [InlineData("nan", "throughputs.json:1:")]
    [InlineData("cut", "jobs.csv:2:")]
    [InlineData("type", "'gpu9'")]
    [InlineData("policy", "there is no policy 'best'")]
    [InlineData("rate", "--rate 'fast'")]
    [InlineData("window", "--window '9:3'")]
    public void Bad_input_is_refused_with_its_place(string kind, string says) => RealRun.In(run =>
    {
        File.WriteAllText(Path.Combine(run.Root, "throughputs.json"), "{\"k80\": {\"('A3C', 1)\": {\"null\": NaN}}}");
        File.WriteAllText(Path.Combine(run.Root, "jobs.csv"), "arrival_s,model,scale_factor,total_steps\n0,A3C,1\n");
        string[] more = kind switch
        {
            "nan" => ["--throughputs", Path.Combine(run.Root, "throughputs.json")],
            "cut" => ["--trace", Path.Combine(run.Root, "jobs.csv")],
            "type" => ["--cluster", "gpu9:4"],
            "policy" => ["--policy", "best"],
            "rate" => ["--rate", "fast"],
            _ => ["--window", "9:3"],
        };

        var command = run.Run(["sim", "run", .. more]);

        Commands.RequireExit(Commands.Usage, command);
        Assert.Contains(says, command.Errors, StringComparison.Ordinal);
    });
}
