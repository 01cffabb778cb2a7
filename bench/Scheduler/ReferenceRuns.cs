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
    public static void Measure(string data, int rounds, Action<string, IReadOnlyList<double>> write)
    {
        var table = ThroughputJson.Read(File.ReadAllBytes(Path.Combine(data, "throughputs", "simulation_throughputs.json")), "throughputs");
        foreach (var file in Directory.GetFiles(Path.Combine(data, "oracle", "runs"), "*.json").Order(StringComparer.Ordinal))
        {
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
