using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Muster.Samples.Charlm.Numerics;

namespace Muster.Samples.Charlm.Training;

/// <summary>All that training carries from step to step; every rank holds the same.</summary>
/// <remarks>No generator is among it: the order of the data is a function of the step.</remarks>
internal sealed class TrainingState(int parameters)
{
    public FloatBuffer Parameters { get; } = new(parameters);

    public FloatBuffer FirstMoment { get; } = new(parameters);

    public FloatBuffer SecondMoment { get; } = new(parameters);

    /// <summary>SHA-256 of the parameters' bits: equal exactly when the weights are equal bit for bit.</summary>
    public string Digest() => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(Parameters.Span)));
}
