using System.Text.Json;
using Muster.Scheduling.Clusters;
using Muster.Scheduling.Policies;
using Muster.Scheduling.Rounds;
using Muster.Scheduling.Simulating;
using Muster.Scheduling.Traces;

namespace Muster.Scheduling.Tests.Reference;

/// <summary>One recorded run: its configuration, and how to play it here.</summary>
internal sealed class ReferenceRun
{
    private readonly JsonElement _config;

    public ReferenceRun(string name)
    {
        var json = ReferenceData.Json("oracle", "runs", name + ".json");
        _config = json.GetProperty("config");
        Summary = json.GetProperty("summary");
        Rows = [.. json.GetProperty("jobs").GetProperty("rows").EnumerateArray().Select(row => new Row(
            row[0].GetInt32(), row[1].GetDouble(), Maybe(row[2]), Maybe(row[3]), row[5].GetDouble()))];
    }

    public JsonElement Summary { get; }

    public IReadOnlyList<Row> Rows { get; }

    public string Policy => _config.GetProperty("policy").GetString()!;

    public uint Seed => _config.GetProperty("seed").GetUInt32();

    public ClusterShape Cluster
    {
        get
        {
            var counts = _config.GetProperty("cluster").GetString()!.Split(':');
            var servers = _config.GetProperty("gpus_per_server").GetString()!.Split(':');
            return ClusterShape.Parse($"v100:{counts[0]}/{servers[0]},p100:{counts[1]}/{servers[1]},k80:{counts[2]}/{servers[2]}");
        }
    }

    public Simulator Simulator(Policy policy, IRunObserver? observer = null, Action<AllocationRequest, Shares>? shares = null)
    {
        var window = _config.GetProperty("window");
        var options = new SimulationOptions(new MechanismOptions(_config.GetProperty("round_seconds").GetDouble()), Seed + 5);
        if (window.ValueKind == JsonValueKind.Array)
            options = options with { First = window[0].GetInt32(), Last = window[1].GetInt32() };
        return new Simulator(Cluster, ReferenceData.Table, policy, Workload(), options, observer, shares);
    }

    private IEnumerable<TraceJob> Workload()
    {
        if (_config.GetProperty("trace").GetString() is { } trace)
            return GavelTrace.Read(File.ReadAllText(ReferenceData.PathOf("traces", "physical_cluster", trace)), trace);
        return new TraceGenerator(
            new TraceOptions(Seed, _config.GetProperty("jobs_per_hour").GetDouble(), _config.GetProperty("multi_gpu").GetBoolean()),
            ReferenceData.Table).Endless();
    }

    private static double? Maybe(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetDouble();

    internal sealed record Row(int Id, double Arrival, double? FirstPlaced, double? Completion, double Steps);
}
