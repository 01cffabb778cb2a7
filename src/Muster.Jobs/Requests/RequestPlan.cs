using Muster.Jobs.Views;
using Muster.Primitives;

namespace Muster.Jobs.Requests;

/// <summary>What a person's request comes to, given what is stored.</summary>
public abstract record RequestPlan
{
    private RequestPlan()
    {
    }

    /// <summary>It cannot be done.</summary>
    /// <param name="Refusal">Why.</param>
    /// <param name="Text">What was wrong and what to do.</param>
    public sealed record Refused(RequestRefusal Refusal, string Text) : RequestPlan;

    /// <summary>It is so already: nothing is to be written.</summary>
    /// <param name="Phase">Where the job stands.</param>
    /// <param name="Text">What is so, for people.</param>
    public sealed record AlreadySo(JobPhase Phase, string Text) : RequestPlan;

    /// <summary>A guarded transaction does it. When a guard fails, list the store again and plan anew.</summary>
    /// <param name="Transaction">What to hand to the store.</param>
    /// <param name="Text">What is done by it, for people.</param>
    public sealed record Apply(Transaction Transaction, string Text) : RequestPlan;
}

/// <summary>Why a request is refused.</summary>
public enum RequestRefusal
{
    /// <summary>There is no job of that name.</summary>
    NoSuchJob,

    /// <summary>There is no such checkpoint.</summary>
    NoSuchCheckpoint,

    /// <summary>A value stored for the job cannot be read by this program.</summary>
    Unreadable,

    /// <summary>The job exists with another specification or program.</summary>
    Changed,

    /// <summary>The job is finished.</summary>
    Finished,

    /// <summary>The job still runs.</summary>
    Running,

    /// <summary>A value that must be supplied is missing, or one that is not asked for was supplied.</summary>
    Secrets,

    /// <summary>The specification is over a limit.</summary>
    TooLarge,

    /// <summary>The checkpoint is pinned, being read, or the only one that can be restored.</summary>
    Needed,
}

/// <summary>How a submission treats a job that exists.</summary>
public sealed record SubmitOptions
{
    /// <summary>Digest of the program's files; empty: not taken along.</summary>
    public string Program { get; init; } = "";

    /// <summary>Values for the environment's names that have none in the specification.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a changed specification or program is taken.</summary>
    public bool AcceptsChange { get; init; }

    /// <summary>Whether a finished job is run again.</summary>
    public bool Again { get; init; }

    /// <summary>Whether "again" ignores checkpoints; null: it does.</summary>
    public bool? FromBeginning { get; init; }
}

/// <summary>Limits of requests.</summary>
public static class RequestLimits
{
    /// <summary>Longest stored specification, in bytes; a longer one is refused. Stores refuse values of about 1 MB.</summary>
    public const int SpecificationBytesMax = 256 * 1024;

    /// <summary>Times a request is planned again when a guard failed, before the caller gives up.</summary>
    public const int TriesMax = 10;
}
