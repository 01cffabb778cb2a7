using System.Text.Json;
using Muster.Codecs.Nodes;
using Muster.Jobs.Specification;

namespace Muster.Codecs.Control;

/// <summary>What a server reads from whoever asks it: whole, or refused.</summary>
public static class ControlBodies
{
    /// <summary>Longest time in seconds that a stop may be told to wait, a year; more is refused.</summary>
    public const double GraceSecondsMax = 366 * 86_400;

    /// <summary>Reads the body of a submission.</summary>
    /// <exception cref="CodecException">It is not JSON of the right shape.</exception>
    public static JobSubmission DecodeSubmission(ReadOnlyMemory<byte> body) =>
        NodeDocuments.Read("submission", body.Span, ControlJson.Default.JobSubmission, submission => submission with
        {
            Specification = WholeSpecification.Of(submission.Specification ?? throw new JsonException("the specification is missing")),
            ProgramDigest = submission.ProgramDigest ?? throw new JsonException("the program's digest is missing"),
            Secrets = Normalized.Secrets(submission.Secrets),
        });

    /// <summary>Reads the body of a wish to stop.</summary>
    /// <exception cref="CodecException">It is not JSON of the right shape.</exception>
    public static StopRequest DecodeStop(ReadOnlyMemory<byte> body) =>
        NodeDocuments.Read("stop request", body.Span, ControlJson.Default.StopRequest, stop =>
            stop.GraceSeconds is null or (>= 0 and <= GraceSecondsMax)
                ? stop
                : throw new JsonException($"a grace of {stop.GraceSeconds} seconds is not between 0 and {GraceSecondsMax}"));
}
