using System.Globalization;
using Muster.Samples.Charlm.Training;

namespace Muster.Samples.Charlm;

/// <summary>The program's arguments: <c>--name value</c> or <c>--name=value</c>.</summary>
internal static class CommandLine
{
    public const string Usage = """
        charlm: trains a character-level language model, alone or as ranks of `muster run`, and lets it write.

          --steps N              updates of the whole run (2400)
          --batch N              windows per step, over all ranks (32)
          --window N             characters per window (64)
          --hidden N             units of the network's memory, a multiple of 8 (256)
          --learning-rate X      the highest of the schedule (0.008)
          --dropout X            share of the states hidden from the matrices in training (0.2)
          --seed N               of the first weights, the order of the data and the text written (1)
          --corpus FILE          UTF-8 text; its last tenth is held out (the corpus beside the program)
          --sample-length N      characters to write at the end; 0: none (700)
          --temperature X        of the writing: lower is more careful (0.4)
          --weights-digest FILE  where rank 0 leaves the digest of the final weights
          --step-delay TIME      a pause after each step, as in 5ms or 1s (0s)
          --trace DIR            for tests: each rank notes there what it does
          --hold PHASE@STEP,...  for tests: a rank waits there until DIR/go-PHASE or DIR/go-PHASE-RANK exists
          --break MISTAKE        for tests: drop-batch@STEP, swap-ranks@STEP, stale-optimizer
        """;

    /// <exception cref="CharlmException">An argument is unknown, lacks its value, or is out of range.</exception>
    public static TrainingOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new TrainingOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = Split(arguments[i]);
            value ??= ++i < arguments.Count ? arguments[i] : throw new CharlmException($"{name} needs a value: see --help");
            options = Set(options, name, value);
        }

        return options;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal))
            throw new CharlmException($"'{argument}' is not an option: options begin with --, see --help");
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    private static TrainingOptions Set(TrainingOptions options, string name, string value) => name switch
    {
        "--steps" => options with { Steps = Whole(name, value, 1, 100_000_000) },
        "--batch" => options with { Batch = (int)Whole(name, value, 1, 4096) },
        "--window" => options with { Window = (int)Whole(name, value, 2, 1024) },
        "--hidden" => options with { Hidden = Units(name, value) },
        "--learning-rate" => options with { LearningRate = (float)Number(name, value, 1e-6, 1) },
        "--dropout" => options with { Dropout = (float)Number(name, value, 0, 0.9) },
        "--seed" => options with { Seed = (ulong)Whole(name, value, 0, long.MaxValue) },
        "--corpus" => options with { CorpusPath = value },
        "--sample-length" => options with { SampleLength = (int)Whole(name, value, 0, 1_000_000) },
        "--temperature" => options with { Temperature = Number(name, value, 0.05, 10) },
        "--weights-digest" => options with { WeightsDigestPath = value },
        "--step-delay" => options with { StepDelay = Duration(name, value) },
        "--trace" => options with { TraceDirectory = value },
        "--hold" => options with { Holds = value.Split(',') },
        "--break" => options with { Sabotage = Sabotage.Parse(value) },
        _ => throw new CharlmException($"{name} is not an option: see --help"),
    };

    private static long Whole(string name, string value, long min, long max) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new CharlmException($"{name} is '{value}'; it must be a whole number from {min} to {max}");

    private static int Units(string name, string value)
    {
        var units = (int)Whole(name, value, 8, 2048);
        return units % 8 == 0 ? units : throw new CharlmException($"{name} is {units}; it must be a multiple of 8, as {units / 8 * 8} or {units / 8 * 8 + 8}");
    }

    private static double Number(string name, string value, double min, double max) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new CharlmException(string.Create(CultureInfo.InvariantCulture, $"{name} is '{value}'; it must be a number from {min} to {max}"));

    private static TimeSpan Duration(string name, string value)
    {
        var (digits, unit) = value.EndsWith("ms", StringComparison.Ordinal) ? (value[..^2], 1) : (value.TrimEnd('s'), 1000);
        return value.EndsWith('s') && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 60_000
            ? TimeSpan.FromMilliseconds(number * unit)
            : throw new CharlmException($"{name} is '{value}'; it must be a duration such as 5ms or 1s");
    }
}
