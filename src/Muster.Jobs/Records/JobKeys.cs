using System.Globalization;
using Muster.Primitives;

namespace Muster.Jobs.Records;

/// <summary>Names of keys under <c>/muster/</c>.</summary>
public static class JobKeys
{
    /// <summary>Everything the coordinator reads.</summary>
    public const string Root = "/muster/";

    /// <summary>Below it, one key for each job's record.</summary>
    public const string Jobs = "/muster/jobs/";

    /// <summary>Below it, one leased key for each host.</summary>
    public const string Nodes = "/muster/nodes/";

    /// <summary>Below it, one leased key for each candidate; the lowest create revision leads.</summary>
    public const string Elections = "/muster/elections/coordinator/";

    /// <summary>A host's leased key.</summary>
    public static ByteString Node(NodeId node) => ByteString.From(Nodes + node.Name);

    /// <summary>A candidate's key.</summary>
    public static ByteString Candidate(LeaseId lease) => ByteString.From(Elections + lease);

    /// <summary>What was submitted.</summary>
    public static ByteString Specification(JobId job) => Of(job, "spec");

    /// <summary>What people want.</summary>
    public static ByteString Control(JobId job) => Of(job, "control");

    /// <summary>Where the job stands.</summary>
    public static ByteString Status(JobId job) => Of(job, "status");

    /// <summary>Values of the environment that were supplied at submit; never printed.</summary>
    public static ByteString Secrets(JobId job) => Of(job, "secrets");

    /// <summary>The one mutable key that every decision about the job compares and puts.</summary>
    public static ByteString Current(JobId job) => Of(job, "current");

    /// <summary>The checkpoint on demand.</summary>
    public static ByteString Request(JobId job) => Of(job, "request");

    /// <summary>A formed generation.</summary>
    public static ByteString Generation(JobId job, Generation generation) => Of(job, $"generations/{generation}");

    /// <summary>A committed checkpoint.</summary>
    public static ByteString Checkpoint(JobId job, TrainingStep step, Generation generation) =>
        Of(job, $"checkpoints/{step}.{generation}");

    /// <summary>A checkpoint whose key is gone and whose files are to go.</summary>
    public static ByteString Removed(JobId job, TrainingStep step, Generation generation) => Of(job, $"removed/{step}.{generation}");

    /// <summary>A generation whose uncommitted shards are to go.</summary>
    public static ByteString Sweep(JobId job, Generation generation) => Of(job, $"sweeps/{generation}");

    /// <summary>A decision.</summary>
    public static ByteString Event(JobId job, Generation generation, long sequence) => Of(job, $"events/{generation}/{sequence}");

    /// <summary>All keys of one kind of a job, such as <c>events/</c>.</summary>
    public static KeyRange Below(JobId job, string kind) => KeyRange.Prefix($"{Jobs}{job}/{kind}");

    /// <summary>The parts of a job's key after <see cref="Jobs"/>; empty: it is not one.</summary>
    internal static string[] Parts(string key) =>
        key.StartsWith(Jobs, StringComparison.Ordinal) ? key[Jobs.Length..].Split('/') : [];

    /// <summary>Reads <c>step.generation</c>.</summary>
    internal static bool TryParseCheckpoint(string text, out TrainingStep step, out Generation generation)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        step = default;
        generation = default;
        if (dot < 0 || !TryParse(text[..dot], out var s) || !TryParse(text[(dot + 1)..], out var g))
            return false;
        (step, generation) = (new(s), new(g));
        return true;
    }

    private static bool TryParse(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static ByteString Of(JobId job, string rest) => ByteString.From($"{Jobs}{job}/{rest}");
}
