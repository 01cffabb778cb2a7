using System.Globalization;
using Muster.Scheduling.Tests.Reference;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Tests.Traces;

public class GeneratorTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_field_of_every_reference_trace_is_drawn_again_bit_for_bit()
    {
        ReferenceData.SkipIfAbsent();
        var jobs = 0;

        foreach (var file in Directory.GetFiles(ReferenceData.PathOf("traces"), "*.csv"))
        {
            var words = Path.GetFileNameWithoutExtension(file).Split('_');
            var generator = new TraceGenerator(
                new TraceOptions(
                    uint.Parse(words[0][4..], CultureInfo.InvariantCulture), double.Parse(words[1][4..], CultureInfo.InvariantCulture), words[2] == "multi"),
                ReferenceData.Table);
            foreach (var line in File.ReadLines(file).Skip(1))
            {
                var fields = line.Split(',');
                var job = generator.Next();
                jobs++;
                Assert.Equal(fields, (string[])[
                    $"{job.Id}", Python(job.ArrivalSeconds), job.Model, $"{job.ScaleFactor}", Python(job.TotalSteps), Python(job.DurationSeconds), Python(job.Weight)]);
            }
        }

        output.WriteLine($"count: {jobs} reference jobs drawn again");
        Assert.True(jobs > 20_000);

        string Python(double value) => value == Math.Floor(value) ? $"{value:F1}" : value.ToString("R", CultureInfo.InvariantCulture);
    }
}
