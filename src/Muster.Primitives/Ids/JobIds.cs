using System.Text.Json.Serialization;

namespace Muster.Primitives;

/// <summary>A job's name: 1–63 of a–z, 0–9 and '-', beginning and ending with a letter or digit. Unique in a cluster.</summary>
[JsonConverter(typeof(JobIdConverter))]
public readonly record struct JobId(string Name) : IComparable<JobId>
{
    /// <summary>Longest name, in characters.</summary>
    public const int LengthMax = 63;

    /// <summary>Whether a text is a job's name.</summary>
    public static bool IsValid(string? text) =>
        text is { Length: > 0 and <= LengthMax } && text[0] != '-' && text[^1] != '-'
        && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');

    /// <inheritdoc/>
    public int CompareTo(JobId other) => string.CompareOrdinal(Name, other.Name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A host's name in the cluster.</summary>
[JsonConverter(typeof(NodeIdConverter))]
public readonly record struct NodeId(string Name) : IComparable<NodeId>
{
    /// <inheritdoc/>
    public int CompareTo(NodeId other) => string.CompareOrdinal(Name, other.Name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>One formed world of a job. Numbers rise from 1 and never repeat within a job.</summary>
[JsonConverter(typeof(GenerationConverter))]
public readonly record struct Generation(long Number) : IComparable<Generation>
{
    /// <summary>Before the first generation.</summary>
    public static Generation None => default;

    /// <summary>The generation after this one.</summary>
    public Generation Next() => new(Number + 1);

    /// <inheritdoc/>
    public int CompareTo(Generation other) => Number.CompareTo(other.Number);

    /// <inheritdoc/>
    public override string ToString() => Number.ToString();
}

/// <summary>One try at a job, from 0; grows only when a failure is charged to the restart budget.</summary>
[JsonConverter(typeof(AttemptConverter))]
public readonly record struct Attempt(int Number)
{
    /// <summary>The attempt after this one.</summary>
    public Attempt Next() => new(Number + 1);

    /// <inheritdoc/>
    public override string ToString() => Number.ToString();
}

/// <summary>A worker's number in one generation: 0 ≤ rank &lt; world size, dense.</summary>
[JsonConverter(typeof(RankConverter))]
public readonly record struct Rank(int Number) : IComparable<Rank>
{
    /// <inheritdoc/>
    public int CompareTo(Rank other) => Number.CompareTo(other.Number);

    /// <inheritdoc/>
    public override string ToString() => Number.ToString();
}

/// <summary>A count of completed training steps. The checkpoint of step S is the state after S steps.</summary>
[JsonConverter(typeof(TrainingStepConverter))]
public readonly record struct TrainingStep(long Number) : IComparable<TrainingStep>
{
    /// <inheritdoc/>
    public int CompareTo(TrainingStep other) => Number.CompareTo(other.Number);

    /// <summary>Fewer steps.</summary>
    public static bool operator <(TrainingStep left, TrainingStep right) => left.Number < right.Number;

    /// <summary>More steps.</summary>
    public static bool operator >(TrainingStep left, TrainingStep right) => left.Number > right.Number;

    /// <summary>Fewer or as many steps.</summary>
    public static bool operator <=(TrainingStep left, TrainingStep right) => left.Number <= right.Number;

    /// <summary>More or as many steps.</summary>
    public static bool operator >=(TrainingStep left, TrainingStep right) => left.Number >= right.Number;

    /// <inheritdoc/>
    public override string ToString() => Number.ToString();
}
