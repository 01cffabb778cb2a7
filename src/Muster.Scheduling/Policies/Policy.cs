using Muster.Scheduling.Clusters;
using Muster.Scheduling.Rounds;

namespace Muster.Scheduling.Policies;

/// <summary>Decides which share of the time each job gets on each GPU type.</summary>
/// <remarks>
/// A function of the request, and of what the policy itself decided before where its definition says so (FIFO keeps its jobs where they
/// are). Equal requests in equal order give equal shares.
/// </remarks>
public abstract class Policy
{
    /// <summary>The name people type.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it knows that types differ. Rounds of the others walk the types in random order.</summary>
    public virtual bool KnowsTypes => false;

    /// <summary>Whether free GPUs stay free rather than go to jobs without a share.</summary>
    public virtual bool OnlyAllocated => false;

    /// <summary>Whether its shares change with time alone, not only when jobs come and go.</summary>
    public virtual bool ChangesWithTime => false;

    /// <summary>Fills in the shares of every job of the request.</summary>
    public abstract void Allocate(AllocationRequest request, Shares shares);
}

/// <summary>What a policy sees.</summary>
/// <param name="Cluster">The capacity.</param>
/// <param name="Jobs">Every job that is not complete, in the order of arrival.</param>
/// <param name="NowSeconds">Seconds since the run began.</param>
public readonly record struct AllocationRequest(ClusterShape Cluster, IReadOnlyList<ScheduledJob> Jobs, double NowSeconds);
