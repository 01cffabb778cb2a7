using System.Text;
using Muster.Primitives;

namespace Muster.Samples.Charlm.Model;

/// <summary>Lets the network write: each character is drawn from what it predicts and read back in.</summary>
internal static class Writer
{
    /// <param name="temperature">Below 1, likely characters become likelier; above 0.</param>
    public static string Write(
        GruShape shape, ReadOnlySpan<float> parameters, string alphabet, string opening, int length, double temperature, ulong seed)
    {
        var network = new GruNetwork(shape, batch: 1, window: 1);
        network.Load(parameters);
        network.ForgetState();
        Read(network, alphabet, opening);
        var random = new SeededRandom(seed);
        var text = new StringBuilder();
        while (text.Length < length)
        {
            var next = Draw(network.Probabilities(0), temperature, random);
            text.Append(alphabet[next]);
            Read(network, alphabet, alphabet.Substring(next, 1));
        }

        return text.ToString();
    }

    private static void Read(GruNetwork network, string alphabet, string text)
    {
        foreach (var character in text)
        {
            network.Forward([Math.Max(0, alphabet.IndexOf(character, StringComparison.Ordinal))]);
            network.CarryState();
        }
    }

    private static int Draw(ReadOnlySpan<float> probabilities, double temperature, SeededRandom random)
    {
        var weights = new double[probabilities.Length];
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
            sum += weights[i] = Math.Pow(probabilities[i], 1 / temperature);
        var left = random.NextDouble() * sum;
        for (var i = 0; i < weights.Length - 1; i++)
        {
            left -= weights[i];
            if (left < 0)
                return i;
        }

        return weights.Length - 1;
    }
}
