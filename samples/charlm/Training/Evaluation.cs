using Muster.Samples.Charlm.Data;
using Muster.Samples.Charlm.Model;

namespace Muster.Samples.Charlm.Training;

/// <summary>The loss on text that was not trained on.</summary>
internal static class Evaluation
{
    private const int Streams = 16;
    private const int Window = 64;
    private const int Lead = 128;   // characters read before those that count, so that no stream starts from nothing

    /// <summary>Mean loss in nats per character over the held-out text: each of its characters is predicted once.</summary>
    public static double HeldOutLoss(GruShape shape, ReadOnlySpan<float> parameters, Corpus corpus)
    {
        var network = new GruNetwork(shape, Streams, Window);
        network.Load(parameters);
        network.ForgetState();
        var share = (corpus.HeldOut.Length + Streams - 1) / Streams;
        var lead = Math.Min(Lead, corpus.TrainingLength);
        var tokens = new int[Streams * Window];
        var targets = new int[tokens.Length];
        var loss = 0.0;
        for (var from = -lead; from < share; from += Window)
        {
            Gather(corpus, share, from, tokens, targets);
            network.Forward(tokens);
            loss += network.Loss(targets);
            network.CarryState();
        }

        return loss / corpus.HeldOut.Length;
    }

    /// <param name="from">Relative to the first character that counts in each stream; negative in the lead.</param>
    private static void Gather(Corpus corpus, int share, int from, Span<int> tokens, Span<int> targets)
    {
        for (var stream = 0; stream < Streams; stream++)
        {
            var start = corpus.TrainingLength + stream * share;
            var end = Math.Min(start + share, corpus.All.Length);
            for (var t = 0; t < Window; t++)
            {
                var predicted = start + from + t;
                var line = t * Streams + stream;
                tokens[line] = corpus.All[Math.Min(predicted, corpus.All.Length) - 1];
                targets[line] = predicted >= start && predicted < end ? corpus.All[predicted] : -1;
            }
        }
    }
}
