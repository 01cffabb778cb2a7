namespace Muster.Codecs;

/// <summary>Bytes from outside are not what they should be. Decoders throw nothing else for malformed input.</summary>
/// <param name="offset">Where, in bytes from the beginning of the input.</param>
/// <param name="problem">What is wrong there, and what would be right.</param>
public sealed class CodecException(long offset, string problem) : Exception($"At byte {offset}: {problem}")
{
    /// <summary>Where, in bytes from the beginning of the input.</summary>
    public long Offset { get; } = offset;

    /// <summary>What is wrong there.</summary>
    public string Problem { get; } = problem;
}
