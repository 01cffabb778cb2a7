using System.Text;
using Muster.Scheduling.Clusters;
using Muster.Scheduling.Throughputs;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Tests.Traces;

public class BadInputTests
{
    private const string Good = "A3C\ttrain\t.\t--steps\t0\t100\t1\t1\t-1.000000\t0\n";

    [Theory]
    [InlineData(Good + "A3C\ttrain\t.\t--steps\t0\t100\t1", "t:2:", "cut off")]
    [InlineData(Good + "A3C\ttrain\t.\t--steps\t0\tmany\t1\t1\t-1.000000\t0\n", "t:2:23: ", "'many'")]
    [InlineData(Good + "A3C\ttrain\t.\t--steps\t0\tNaN\t1\t1\t-1.000000\t0\n", "t:2:23: ", "'NaN'")]
    [InlineData("A3C\ttrain\t.\t--steps\t0\t100\t0\t1\t-1.000000\t0\n", "t:1:27: ", "whole number from 1")]
    [InlineData("A3C\ttrain\t.\t--steps\t0\t100\t1\t1\t-1.000000\t50\n" + Good, "t:2:", "sort the trace")]
    public void A_wrong_trace_is_refused_with_line_and_column(string text, string place, string why)
    {
        var refused = Assert.Throws<SchedulingInputException>(() => GavelTrace.Read(text, "t"));

        Assert.StartsWith(place, refused.Message);
        Assert.Contains(why, refused.Message);
    }

    [Theory]
    [InlineData("id,model\n0,A3C\n", "t:1:1: ", "arrival_s")]
    [InlineData("arrival_s,model,scale_factor,total_steps\n0,A3C,1\n", "t:2:8", "cut off")]
    [InlineData("arrival_s,model,scale_factor,total_steps\n0,A3C,1,-5\n", "t:2:9: ", "'-5'")]
    [InlineData("", "t:1:1: ", "empty")]
    public void A_wrong_table_is_refused_with_line_and_column(string text, string place, string why)
    {
        var refused = Assert.Throws<SchedulingInputException>(() => TraceCsv.Read(text, "t"));

        Assert.StartsWith(place, refused.Message);
        Assert.Contains(why, refused.Message);
    }

    [Theory]
    [InlineData("{\"k80\": {\"('A3C', 1)\": {\"null\": NaN}}}", "t:1:33: ", "not JSON")]
    [InlineData("{\"k80\": {\"('A3C', 1)\": {\"null\": -1}}}", "t:1:33: ", "not negative")]
    [InlineData("{\"k80\": {\n \"A3C\": {\"null\": 1}}}", "t:2:2: ", "not a kind")]
    [InlineData("{\"k80\": {\"('A3C', 1)\": {\"null\": 1", "t:1:", "not JSON")]
    [InlineData("[]", "t:1:1: ", "expected an object")]
    [InlineData("{}", "t:1:1: ", "at least one GPU type")]
    public void A_wrong_throughput_table_is_refused_with_line_and_column(string text, string place, string why)
    {
        var refused = Assert.Throws<SchedulingInputException>(() => ThroughputJson.Read(Encoding.UTF8.GetBytes(text), "t"));

        Assert.StartsWith(place, refused.Message);
        Assert.Contains(why, refused.Message);
    }

    [Theory]
    [InlineData("v100", "column 1")]
    [InlineData("v100:4,p100", "column 8")]
    [InlineData("v100:4,v100:4", "twice")]
    [InlineData("v100:4/3", "divisor")]
    [InlineData("v100:0", "1 to 32 GPU types")]
    public void A_wrong_cluster_is_refused(string text, string why) =>
        Assert.Contains(why, Assert.Throws<SchedulingInputException>(() => ClusterShape.Parse(text)).Message);

    [Fact]
    public void A_type_that_nobody_has_and_a_policy_that_does_not_exist_are_named()
    {
        var table = BuiltInThroughputs.Create();

        Assert.Contains("'gpu9'", Assert.Throws<SchedulingInputException>(() => table.For(ClusterShape.Parse("gpu9:4"))).Message);
        Assert.Contains("fifo_perf", Assert.Throws<SchedulingInputException>(() => Scheduling.Policies.PolicyCatalogue.Create("best", 0)).Message);
        Assert.Contains("'GPT'", Assert.Throws<SchedulingInputException>(() => table.Require("GPT", 1)).Message);
    }

    [Fact]
    public void What_is_written_is_read_again_as_it_was()
    {
        var jobs = new TraceGenerator(new TraceOptions(4, 1.3, true, true, true), BuiltInThroughputs.Create()).Endless().Take(200).ToList();
        jobs[3] = jobs[3] with { Entity = "a, \"b\"" };

        var csv = TraceCsv.Read(TraceCsv.Write(jobs), "t");
        var gavel = GavelTrace.Read(GavelTrace.Write(jobs), "t");

        Assert.Equal(jobs, csv);
        Assert.Equal(jobs.Select(job => (job.Model, job.ScaleFactor, Math.Truncate(job.TotalSteps))), gavel.Select(job => (job.Model, job.ScaleFactor, job.TotalSteps)));
    }

    [Fact]
    public void A_cluster_s_trace_becomes_jobs_and_says_what_it_left_out()
    {
        const string text = "name,num_gpu,creation_time,deletion_time,scheduled_time\na,1,100,700,100\nb,0,200,300,200\nc,2,50,,\nd,4,90,1090,190\n";
        var trace = new ClusterTrace(BuiltInThroughputs.Create(), 1);

        var jobs = trace.Alibaba(text, "t");

        Assert.Equal([(0.0, 4, 900.0), (10.0, 1, 600.0)], jobs.Select(job => (job.ArrivalSeconds, job.ScaleFactor, job.DurationSeconds)));
        Assert.Equal(2, trace.LeftOut);
    }
}
