namespace Muster.Samples.Charlm.Baseline;

/// <summary>Predicts a character from the two before it by counting: what a network has to beat to be worth its name.</summary>
/// <remarks>
/// Interpolated with shorter contexts as in Witten and Bell, "The zero-frequency problem", IEEE Trans. Inf. Theory 37, 1991:
/// p(c | h) = (n(hc) + t(h) p(c | h')) / (n(h) + t(h)), where h' is h without its first character and t(h) the number of
/// different characters seen after h. Below the empty context lies the uniform distribution over the alphabet.
/// </remarks>
internal sealed class Trigram
{
    private const int ContextMax = 2;
    private readonly int _alphabet;
    private readonly Dictionary<long, int> _counts = [];
    private readonly Dictionary<long, (int Total, int Kinds)> _contexts = [];

    public Trigram(ReadOnlySpan<int> training, int alphabet)
    {
        _alphabet = alphabet;
        for (var i = 0; i < training.Length; i++)
        {
            for (var length = 0; length <= Math.Min(i, ContextMax); length++)
                Count(Context(training[(i - length)..i]), training[i]);
        }
    }

    /// <summary>The probability of a character after a text, of which the last two characters count.</summary>
    public double Probability(ReadOnlySpan<int> before, int character)
    {
        var probability = 1.0 / _alphabet;
        for (var length = 0; length <= Math.Min(before.Length, ContextMax); length++)
        {
            var context = Context(before[^length..]);
            if (!_contexts.TryGetValue(context, out var seen))
                break;
            var count = _counts.GetValueOrDefault(Followed(context, character));
            probability = (count + seen.Kinds * probability) / (seen.Total + seen.Kinds);
        }

        return probability;
    }

    /// <summary>Mean loss in nats per character from position <paramref name="from"/> of a text on.</summary>
    public double Loss(ReadOnlySpan<int> text, int from)
    {
        var loss = 0.0;
        for (var i = from; i < text.Length; i++)
            loss -= Math.Log(Probability(text[..i], text[i]));
        return loss / (text.Length - from);
    }

    private void Count(long context, int character)
    {
        var followed = Followed(context, character);
        var count = _counts.GetValueOrDefault(followed);
        _counts[followed] = count + 1;
        var (total, kinds) = _contexts.GetValueOrDefault(context);
        _contexts[context] = (total + 1, count == 0 ? kinds + 1 : kinds);
    }

    /// <summary>Characters as digits, of which none is 0: contexts of different lengths differ.</summary>
    private long Context(ReadOnlySpan<int> characters)
    {
        var context = 0L;
        foreach (var character in characters)
            context = Followed(context, character);
        return context;
    }

    private long Followed(long context, int character) => context * (_alphabet + 1) + character + 1;
}
