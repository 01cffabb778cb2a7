using System.Diagnostics;
using Muster.Samples.Charlm;
using Muster.Samples.Charlm.Baseline;
using Muster.Samples.Charlm.Data;
using Muster.Samples.Charlm.Model;
using Muster.Samples.Charlm.Training;

var o = new TrainingOptions();
for (var i = 0; i < args.Length; i += 2)
{
    o = args[i] switch
    {
        "--steps" => o with { Steps = long.Parse(args[i + 1]) },
        "--batch" => o with { Batch = int.Parse(args[i + 1]) },
        "--window" => o with { Window = int.Parse(args[i + 1]) },
        "--hidden" => o with { Hidden = int.Parse(args[i + 1]) },
        "--learning-rate" => o with { LearningRate = float.Parse(args[i + 1]) },
        "--corpus" => o with { CorpusPath = args[i + 1] },
        "--temperature" => o with { Temperature = double.Parse(args[i + 1]) },
        _ => throw new CharlmException(args[i]),
    };
}
var corpus = Corpus.Read(o.CorpusPath);
var trainer = new Trainer(o, corpus, 0, 1, _ => { });
Console.WriteLine($"alphabet {corpus.Alphabet.Length} parameters {trainer.Shape.Parameters} trigram {new Trigram(corpus.Training, corpus.Alphabet.Length).Loss(corpus.All, corpus.TrainingLength):F4}");
var watch = Stopwatch.StartNew();
for (var step = 0L; step < o.Steps; step++)
{
    var loss = trainer.Step(step);
    if ((step + 1) % Math.Max(1, o.Steps / 10) == 0)
        Console.WriteLine($"{step + 1} loss {loss:F3} heldout {Evaluation.HeldOutLoss(trainer.Shape, trainer.State.Parameters.Span, corpus):F4} {watch.ElapsedMilliseconds} ms cpu {Environment.CpuUsage.TotalTime.TotalSeconds:F2}");
}
Console.WriteLine(Writer.Write(trainer.Shape, trainer.State.Parameters.Span, corpus.Alphabet, "\n\n", 500, o.Temperature, 1));
Console.WriteLine(trainer.State.Digest());
