using System.Globalization;
using Muster.Samples.Charlm.Baseline;
using Muster.Samples.Charlm.Data;
using Muster.Samples.Charlm.Model;
using Muster.Samples.Charlm.Training;

namespace Muster.Samples.Charlm.Running;

/// <summary>What rank 0 prints at the end: how well the network does on text it has not seen, and what it writes.</summary>
internal static class Result
{
    private const int LineLength = 100;

    public static void Print(TextWriter output, TrainingOptions options, Corpus corpus, Trainer trainer)
    {
        var weights = trainer.State.Parameters.Span;
        var network = Evaluation.HeldOutLoss(trainer.Shape, weights, corpus);
        var trigram = new Trigram(corpus.Training, corpus.Alphabet.Length).Loss(corpus.All, corpus.TrainingLength);
        output.WriteLine();
        output.WriteLine($"loss on the {corpus.HeldOut.Length} characters held out:");
        output.WriteLine($"  network  {Loss(network)}  (GRU, {options.Hidden} units, {trainer.Shape.Parameters} parameters, {options.Steps} steps)");
        output.WriteLine($"  trigram  {Loss(trigram)}  (Witten-Bell, counted on the same training text)");
        var margin = Math.Abs(trigram - network).ToString("F4", CultureInfo.InvariantCulture);
        output.WriteLine(network < trigram
            ? $"verdict: the network beats the trigram by {margin} nats per character"
            : $"verdict: the network does not beat the trigram, by {margin} nats per character; it needs more --steps or a larger --hidden");
        if (options.SampleLength > 0)
        {
            output.WriteLine();
            output.WriteLine(Wrap(Writer.Write(
                trainer.Shape, weights, corpus.Alphabet, "\n\n", options.SampleLength, options.Temperature, options.Seed)));
            output.WriteLine();
        }
    }

    private static string Loss(double nats) =>
        string.Create(CultureInfo.InvariantCulture, $"{nats:F4} nats = {nats / Math.Log(2):F4} bits per character");

    private static string Wrap(string text)
    {
        var lines = new List<string>();
        foreach (var paragraph in text.Trim().Split('\n'))
        {
            var line = "";
            foreach (var word in paragraph.Split(' '))
            {
                if (line.Length + word.Length >= LineLength)
                {
                    lines.Add(line);
                    line = "";
                }

                line += line.Length == 0 ? $"  {word}" : $" {word}";
            }

            lines.Add(line);
        }

        return string.Join('\n', lines);
    }
}
