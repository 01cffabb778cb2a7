namespace Muster.Codecs;

/// <summary>Bytes are not what they should be.</summary>
/// <param name="what">The thing that was read: "log frame", "etcd request".</param>
/// <param name="offset">Where in it, bytes from its start.</param>
/// <param name="detail">What was wrong and what to do.</param>
public sealed class CodecException(string what, long offset, string detail) : Exception($"{what}, offset {offset}: {detail}")
{
    /// <summary>The thing that was read.</summary>
    public string What { get; } = what;

    /// <summary>Where in it, bytes from its start.</summary>
    public long Offset { get; } = offset;
}
