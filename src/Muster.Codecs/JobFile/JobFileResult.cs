using System.Collections.Immutable;
using Muster.Jobs.Specification;

namespace Muster.Codecs.JobFile;

/// <summary>What reading a job file gave.</summary>
public abstract record JobFileResult
{
    private JobFileResult()
    {
    }

    /// <summary>It is valid.</summary>
    /// <param name="Specification">The job with every default filled in.</param>
    /// <param name="Parameters">Values of its parameters after overrides, by name.</param>
    public sealed record Read(JobSpecification Specification, ImmutableSortedDictionary<string, string> Parameters) : JobFileResult;

    /// <summary>It is not.</summary>
    /// <param name="Errors">Every error, in the order of the file; those of overrides last.</param>
    public sealed record Refused(ImmutableArray<JobFileError> Errors) : JobFileResult;
}

/// <summary>One thing that is wrong with a job file.</summary>
/// <param name="Line">From 1; 0: it is not about a place in the file.</param>
/// <param name="Column">From 1; 0: it is not about a place in the file.</param>
/// <param name="Source">The override it is about, such as <c>--set checkpoint.every=x</c>; null: the file.</param>
/// <param name="Text">What was wrong and what to do.</param>
public sealed record JobFileError(int Line, int Column, string? Source, string Text)
{
    /// <summary>Place and text, for people.</summary>
    public override string ToString() =>
        Source is not null ? $"{Source}: {Text}" : Line > 0 ? $"line {Line}, column {Column}: {Text}" : Text;
}

/// <summary>What a job file is read with.</summary>
public sealed record JobFileOptions
{
    /// <summary>Absolute directory that <c>workdir</c> is relative to: the job file's.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>The job's name where the file gives none; made valid when it is not.</summary>
    public string DefaultName { get; init; } = "job";

    /// <summary>Overrides as written after <c>--set</c>: <c>name=value</c>, a parameter or a key of the file.</summary>
    public ImmutableArray<string> Overrides { get; init; } = [];

    /// <summary>Whether the job is for one machine, so that <c>gang.nodes</c> must allow 1.</summary>
    public bool SingleMachine { get; init; }
}

/// <summary>Limits of job files; what is over one is refused by its name.</summary>
public static class JobFileLimits
{
    /// <summary>Longest file, in characters.</summary>
    public const int CharactersMax = 256 * 1024;

    /// <summary>Deepest nesting.</summary>
    public const int DepthMax = 16;

    /// <summary>Most scalars, lists and maps.</summary>
    public const int NodesMax = 20_000;

    /// <summary>Most errors told; the rest are counted.</summary>
    public const int ErrorsMax = 100;

    /// <summary>Most words of <c>run</c>, entries of <c>env</c>, of <c>set</c> and of lists.</summary>
    public const int EntriesMax = 10_000;

    /// <summary>Most hosts of a gang.</summary>
    public const int GangNodesMax = 10_000;

    /// <summary>Most ranks on a host.</summary>
    public const int ProcessesMax = 1024;

    /// <summary>Most accelerators on a host.</summary>
    public const int AcceleratorsMax = 1024;

    /// <summary>Longest duration.</summary>
    public static readonly TimeSpan DurationMax = TimeSpan.FromDays(3650);

    /// <summary>Most steps between checkpoints.</summary>
    public const long StepsMax = 1_000_000_000_000;

    /// <summary>Most checkpoints kept.</summary>
    public const int KeepMax = 10_000;

    /// <summary>Most checkpoints written and not committed.</summary>
    public const int UncommittedMax = 100;

    /// <summary>Most charged restarts.</summary>
    public const int RestartsMax = 1_000_000;

    /// <summary>Most memory, in bytes: 1 PiB.</summary>
    public const long MemoryMax = 1L << 50;

    /// <summary>Greatest weight; the least is 0.001.</summary>
    public const double WeightMax = 1000;

    /// <summary>Greatest priority; the least is its negative.</summary>
    public const int PriorityMax = 1000;
}
