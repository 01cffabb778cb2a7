using System.Globalization;
using System.Text.Json;
using Muster.Scheduling.Policies;

namespace Muster.Scheduling.Tests.Reference;

/// <summary>Answers with the shares that a recorded run was given, call after call; then as any policy of its family would.</summary>
internal sealed class RecordedPolicy(string run, bool knowsTypes, bool onlyAllocated) : Policy
{
    private readonly JsonElement[] _calls = [.. ReferenceData.Json("oracle", "allocations", run + ".json").GetProperty("allocations").EnumerateArray()];
    private int _next;

    public override string Name => run;

    public override bool KnowsTypes => knowsTypes;

    public override bool OnlyAllocated => onlyAllocated;

    /// <summary>Simulated seconds of the last recorded call.</summary>
    public double LastCallSeconds => _calls[^1][0].GetDouble();

    public int Calls => _calls.Length;

    /// <summary>Calls whose time or jobs were not those recorded.</summary>
    public List<string> Differences { get; } = [];

    public override void Allocate(AllocationRequest request, Shares shares)
    {
        var call = _calls[Math.Min(_next++, _calls.Length - 1)];
        if (_next <= _calls.Length && call[0].GetDouble() != request.NowSeconds)
            Differences.Add($"call {_next} at {request.NowSeconds:R}, recorded at {call[0].GetDouble():R}");
        for (var row = 0; row < request.Jobs.Count; row++)
            if (call[1].TryGetProperty(request.Jobs[row].Id.ToString(CultureInfo.InvariantCulture), out var given))
                for (var type = 0; type < request.Cluster.Types; type++)
                    shares.Row(row)[type] = given.GetProperty(request.Cluster.Pools[type].Type).GetDouble();
            else if (_next <= _calls.Length)
                Differences.Add($"call {_next} has no shares of job {request.Jobs[row].Id}");
    }
}
