using System.Text.Json;
using Muster.Scheduling.Clusters;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Simulating;
using Muster.Scheduling.Throughputs;
using Muster.Scheduling.Traces;

namespace Muster.Bench.Scheduler;

/// <summary>The recorded runs of the published simulator, played here.</summary>
internal static class ReferenceRuns
{
    public static void Measure(string data, string part, int rounds, Action<string, IReadOnlyList<double>> write)
    {
        var table = ThroughputJson.Read(File.ReadAllBytes(Path.Combine(data, "throughputs", "simulation_throughputs.json")), "throughputs");
        // Code is compiled again, better, while it runs: a figure of a few milliseconds needs it done before.
        foreach (var policy in (string[])["fifo", "fifo_perf", "las", "las_perf"])
            for (var i = 0; i < 15; i++)
                Warm(policy, table).Run();
        foreach (var file in Directory.GetFiles(Path.Combine(data, "oracle", "runs"), "*.json").Order(StringComparer.Ordinal))
        {
            if (!file.Contains(part, StringComparison.Ordinal))
                continue;
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            var config = json.RootElement.GetProperty("config");
            if (config.GetProperty("window").ValueKind != JsonValueKind.Array)
                continue;
            var seconds = new List<double>();
            for (var i = 0; i < rounds + 1; i++)
                seconds.Add(Clock.Cpu(() => New(config, table).Run()));
            write(Path.GetFileNameWithoutExtension(file), seconds[1..]);   // the first also compiles
        }
    }

    private static Simulator Warm(string policy, ThroughputTable table) => new(
        ClusterShape.Parse("v100:8,p100:8,k80:8"), table, PolicyCatalogue.Create(policy, 7),
        new TraceGenerator(new TraceOptions(7, 0.4, true), table).Endless(), new SimulationOptions(new MechanismOptions(), 12, 0, 60));

    private static Simulator New(JsonElement config, ThroughputTable table)
    {
        var counts = config.GetProperty("cluster").GetString()!.Split(':');
        var (seed, window) = (config.GetProperty("seed").GetUInt32(), config.GetProperty("window"));
        var workload = new TraceGenerator(
            new TraceOptions(seed, config.GetProperty("jobs_per_hour").GetDouble(), config.GetProperty("multi_gpu").GetBoolean()), table).Endless();
        return new Simulator(
            ClusterShape.Parse($"v100:{counts[0]},p100:{counts[1]},k80:{counts[2]}"), table, PolicyCatalogue.Create(config.GetProperty("policy").GetString()!, seed),
            workload, new SimulationOptions(new MechanismOptions(), seed + 5, window[0].GetInt32(), window[1].GetInt32()));
    }
}
