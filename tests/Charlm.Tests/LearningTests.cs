using Muster.Samples.Charlm;
using Muster.Samples.Charlm.Baseline;
using Muster.Samples.Charlm.Model;
using Muster.Samples.Charlm.Training;

namespace Charlm.Tests;

public sealed class LearningTests
{
    [Fact]
    public void A_short_training_beats_the_trigram_on_text_not_seen()
    {
        var corpus = World.Corpus;
        var trainer = new Trainer(new TrainingOptions { Steps = 450, Hidden = 96, Dropout = 0.1f, LearningRate = 0.012f }, corpus, 0, 1, _ => { });
        var trigram = new Trigram(corpus.Training, corpus.Alphabet.Length).Loss(corpus.All, corpus.TrainingLength);

        for (var step = 0; step < 450; step++)
            trainer.Step(step);

        var network = Evaluation.HeldOutLoss(trainer.Shape, trainer.State.Parameters.Span, corpus);
        Assert.True(network < trigram, $"network {network}, trigram {trigram}");
    }

    [Fact]
    public void The_held_out_loss_of_uniform_guesses_is_the_logarithm_of_the_alphabet()
    {
        var shape = new GruShape(World.Corpus.Alphabet.Length, 8);

        var loss = Evaluation.HeldOutLoss(shape, new float[shape.Parameters], World.Corpus);

        Assert.Equal(Math.Log(shape.Alphabet), loss, 1e-5);
    }

    [Fact]
    public void What_is_written_depends_on_weights_and_seed_alone()
    {
        var corpus = World.Corpus;
        var shape = new GruShape(corpus.Alphabet.Length, 16);
        var weights = new float[shape.Parameters];
        shape.Initialise(weights, 3);

        var text = Writer.Write(shape, weights, corpus.Alphabet, "\n\n", 200, 1, 7);

        Assert.Equal(200, text.Length);
        Assert.Equal(text, Writer.Write(shape, weights, corpus.Alphabet, "\n\n", 200, 1, 7));
        Assert.NotEqual(text, Writer.Write(shape, weights, corpus.Alphabet, "\n\n", 200, 1, 8));
        Assert.All(text, character => Assert.Contains(character, corpus.Alphabet));
    }

    [Fact]
    public void The_corpus_of_the_sample_is_plain_prose_of_its_stated_size()
    {
        var corpus = World.Corpus;

        Assert.InRange(corpus.All.Length, 100_000, 120_000);
        Assert.Equal(corpus.All.Length - corpus.TrainingLength, corpus.HeldOut.Length);
        Assert.All(corpus.Alphabet, character => Assert.True(character == '\n' || char.IsBetween(character, ' ', '~')));
    }
}
