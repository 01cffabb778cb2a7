using System.Collections.Immutable;

namespace Muster.Scheduling.Traces;

/// <summary>The kinds of jobs that generated workloads draw from. The order is part of the contract: index = draw.</summary>
/// <remarks>Source: Narayanan et al., OSDI 2020, table 2.</remarks>
public static class JobTable
{
    /// <summary>Kinds from this index on never use more than one GPU.</summary>
    public const int FirstUndistributed = 19;

    /// <summary>26 models with their batch sizes.</summary>
    public static ImmutableArray<string> Models { get; } =
    [
        .. Sizes("ResNet-18", 16, 32, 64, 128, 256), .. Sizes("ResNet-50", 16, 32, 64, 128), .. Sizes("Transformer", 16, 32, 64, 128, 256),
        .. Sizes("LM", 5, 10, 20, 40, 80), .. Sizes("Recommendation", 512, 1024, 2048, 4096, 8192), "A3C", "CycleGAN",
    ];

    private static IEnumerable<string> Sizes(string model, params int[] batches) => batches.Select(batch => $"{model} (batch size {batch})");
}
