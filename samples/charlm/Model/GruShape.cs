using Muster.Primitives;

namespace Muster.Samples.Charlm.Model;

/// <summary>Where each parameter of the network lies in one flat vector: what is exchanged, optimised and saved.</summary>
/// <remarks>
/// For a character c and the state h, with σ the logistic function and ⊙ the product element by element:
/// r = σ(W_r[c] + h U_r), z = σ(W_z[c] + h U_z), n = tanh(W_n[c] + r ⊙ (h U_n + b)), h' = (1 − z) ⊙ n + z ⊙ h,
/// and the next character has probabilities softmax(h' O + o). Gates lie side by side in the order r, z, n.
/// </remarks>
internal sealed record GruShape(int Alphabet, int Hidden)
{
    public int Gates => 3 * Hidden;

    /// <summary>W, shape [alphabet, 3 hidden]: the input is one character, so its product is a row.</summary>
    public Range Input => 0..(Alphabet * Gates);

    /// <summary>U, shape [hidden, 3 hidden].</summary>
    public Range Recurrent => Input.End..(Input.End.Value + Hidden * Gates);

    /// <summary>b, shape [hidden].</summary>
    public Range CandidateBias => Recurrent.End..(Recurrent.End.Value + Hidden);

    /// <summary>O, shape [hidden, alphabet].</summary>
    public Range Output => CandidateBias.End..(CandidateBias.End.Value + Hidden * Alphabet);

    /// <summary>o, shape [alphabet].</summary>
    public Range OutputBias => Output.End..(Output.End.Value + Alphabet);

    public int Parameters => OutputBias.End.Value;

    /// <summary>The parameters before the first step: uniform in ±1/√hidden, biases 0.</summary>
    public void Initialise(Span<float> parameters, ulong seed)
    {
        var random = new SeededRandom(seed);
        var bound = 1 / MathF.Sqrt(Hidden);
        parameters.Clear();
        foreach (var part in new[] { Input, Recurrent, Output })
        {
            foreach (ref var value in parameters[part])
                value = bound * (float)(2 * random.NextDouble() - 1);
        }
    }
}
