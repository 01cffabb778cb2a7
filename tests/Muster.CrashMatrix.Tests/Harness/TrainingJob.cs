namespace Muster.RealRuns;

/// <summary>A job that trains for a second or two: charlm, tiny, with pauses where a test wants to interfere.</summary>
internal sealed record TrainingJob
{
    public const string Name = "cell";

    public int Ranks { get; init; } = 2;

    public int Steps { get; init; } = 40;

    public int Every { get; init; } = 10;

    public int StepMilliseconds { get; init; } = 15;

    /// <summary>More arguments of the program.</summary>
    public string Extra { get; init; } = "";

    /// <summary>More lines of the job file.</summary>
    public string Keys { get; init; } = "";

    public string Program { get; init; } = Installation.Charlm;

    public string Corpus { get; init; } = Installation.Corpus;

    public void Write(RealRun run)
    {
        Directory.CreateDirectory(Path.Combine(run.Root, "w"));
        File.WriteAllText(run.JobFile, $"""
            name: {Name}
            run: {Program} --corpus {Corpus} --steps {Steps} --batch 8 --window 16 --hidden 16 --sample-length 0 --step-delay {StepMilliseconds}ms --trace {run.Trace} --weights-digest {run.WeightsFile} {Extra}
            workdir: w
            gang: {"{"} nodes: 1, procsPerNode: {Ranks} {"}"}
            checkpoint: {"{"} every: {Every}, keep: 3 {"}"}
            restart: {"{"} max: 10, backoff: 50ms..1s {"}"}
            {Keys}

            """);
    }

    /// <summary>The command that starts it and that is typed again.</summary>
    public static MusterProcess Start(RealRun run, params string[] more) =>
        run.Start([.. (string[])["run", "--data", run.Data, "-o", "json", run.JobFile], .. more]);
}
