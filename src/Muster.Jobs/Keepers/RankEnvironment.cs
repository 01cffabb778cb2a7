using System.Collections.Immutable;
using Muster.Jobs.Nodes;

namespace Muster.Jobs.Keepers;

/// <summary>The environment of a rank: torchrun's variables, Muster's, and the job's own.</summary>
internal static class RankEnvironment
{
    /// <summary>Variables that differ between generations of a job though nothing about it changed.</summary>
    public static readonly ImmutableSortedSet<string> PerGeneration =
    [
        "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "GROUP_RANK", "GROUP_WORLD_SIZE", "ROLE_RANK", "ROLE_WORLD_SIZE",
        "MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RESTART_COUNT", "TORCHELASTIC_ERROR_FILE",
        "MUSTER_SOCKET", ProcessTags.Generation, "MUSTER_ATTEMPT", "MUSTER_TOKEN_GRANTED",
    ];

    public static ImmutableSortedDictionary<string, string> Build(
        KeeperIdentity keeper, JobAssignment assignment, RankPlacement placement, int masterPort)
    {
        var environment = Inherited(keeper);
        foreach (var (name, value) in assignment.Launch.Specification.Environment)
            if (value is not null)
                environment[name] = value;
        if (assignment.Launch.Ranks.Length > 1 && !environment.ContainsKey("OMP_NUM_THREADS"))
            environment["OMP_NUM_THREADS"] = "1";
        if (placement.Gpus.Length > 0)
            environment["CUDA_VISIBLE_DEVICES"] = string.Join(',', placement.Gpus);
        SetPlace(environment, assignment, placement);
        SetTorch(environment, keeper, assignment, placement, masterPort);
        SetMuster(environment, keeper, assignment, placement);
        return environment.ToImmutable();
    }

    /// <summary>What any child of the keeper inherits: not the marks of a Muster around this one.</summary>
    private static ImmutableSortedDictionary<string, string>.Builder Inherited(KeeperIdentity keeper)
    {
        var environment = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in keeper.BaseEnvironment)
            if (!name.StartsWith("MUSTER_", StringComparison.Ordinal) && !name.StartsWith("TORCHELASTIC_", StringComparison.Ordinal))
                environment[name] = value;
        if (keeper.PythonDirectory is { } python)
            environment["PYTHONPATH"] = environment.TryGetValue("PYTHONPATH", out var path) && path.Length > 0 ? $"{python}:{path}" : python;
        return environment;
    }

    private static void SetPlace(
        ImmutableSortedDictionary<string, string>.Builder environment, JobAssignment assignment, RankPlacement placement)
    {
        var launch = assignment.Launch;
        environment["RANK"] = environment["ROLE_RANK"] = placement.Rank.ToString();
        environment["WORLD_SIZE"] = environment["ROLE_WORLD_SIZE"] = launch.WorldSize.ToString();
        environment["LOCAL_RANK"] = placement.LocalRank.ToString();
        environment["LOCAL_WORLD_SIZE"] = launch.Ranks.Length.ToString();
        environment["GROUP_RANK"] = launch.NodeRank.ToString();
        environment["GROUP_WORLD_SIZE"] = launch.NodeCount.ToString();
        environment["ROLE_NAME"] = "default";
    }

    private static void SetTorch(
        ImmutableSortedDictionary<string, string>.Builder environment, KeeperIdentity keeper, JobAssignment assignment,
        RankPlacement placement, int masterPort)
    {
        environment["MASTER_ADDR"] = assignment.Launch.MasterAddress;
        environment["MASTER_PORT"] = masterPort.ToString();
        environment["TORCHELASTIC_RESTART_COUNT"] = assignment.Launch.Attempt.ToString();
        environment["TORCHELASTIC_MAX_RESTARTS"] = assignment.Launch.Specification.Restart.Max.ToString();
        environment["TORCHELASTIC_RUN_ID"] = assignment.Job.Name;
        environment["TORCHELASTIC_USE_AGENT_STORE"] = "False";
        environment["TORCHELASTIC_ERROR_FILE"] = keeper.ErrorFile(assignment.Generation, placement.Rank);
        environment.TryAdd("TORCH_NCCL_ASYNC_ERROR_HANDLING", "1");
    }

    private static void SetMuster(
        ImmutableSortedDictionary<string, string>.Builder environment, KeeperIdentity keeper, JobAssignment assignment,
        RankPlacement placement)
    {
        environment["MUSTER_SOCKET"] = keeper.Socket(assignment.Generation, placement.Rank);
        environment["MUSTER_NODE"] = keeper.Node.Name;
        environment["MUSTER_ATTEMPT"] = assignment.Launch.Attempt.ToString();
        environment["MUSTER_TOKEN_GRANTED"] = assignment.Token.ToString();
        environment[ProcessTags.Job] = assignment.Job.Name;
        environment[ProcessTags.Generation] = assignment.Generation.ToString();
        environment[ProcessTags.Keeper] = keeper.Self.ToString();
        environment[ProcessTags.Agent] = keeper.Agent;
    }
}
