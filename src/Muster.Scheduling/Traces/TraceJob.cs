namespace Muster.Scheduling.Traces;

/// <summary>One job of a workload, as it arrives.</summary>
/// <param name="Id">Counts up in the order of arrival, from 0.</param>
/// <param name="ArrivalSeconds">Seconds since the run began; not negative, never smaller than its predecessor's.</param>
/// <param name="Model">What it trains, as the throughput table names it.</param>
/// <param name="ScaleFactor">GPUs it needs at once, all of one type; at least 1.</param>
/// <param name="TotalSteps">Steps of the whole job; positive, need not be whole.</param>
/// <param name="DurationSeconds">Run time alone on the fastest type; 0 where it is not known.</param>
/// <param name="Weight">Its weight in fair shares; positive.</param>
/// <param name="DeadlineSeconds">Seconds after arrival by which it should be done; null where none is set.</param>
/// <param name="Entity">Who it belongs to, for hierarchical sharing.</param>
public sealed record TraceJob(
    int Id, double ArrivalSeconds, string Model, int ScaleFactor, double TotalSteps, double DurationSeconds = 0, double Weight = 1,
    double? DeadlineSeconds = null, string Entity = "");
