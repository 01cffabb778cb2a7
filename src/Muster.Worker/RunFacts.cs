namespace Muster.Worker;

/// <summary>Who this rank is and where it starts from.</summary>
internal sealed record RunFacts(
    string Job, int Rank, int WorldSize, int LocalRank, int LocalWorldSize, int NodeRank,
    long Generation, int Attempt, long Every, RestoreFacts? Restore);

/// <summary>The checkpoint to resume from; no directory when it was saved by another number of ranks.</summary>
internal sealed record RestoreFacts(long Step, int WorldSize, string? Directory);
