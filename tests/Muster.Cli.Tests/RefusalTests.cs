using Muster.RealRuns;

namespace Muster.Cli.Tests;

/// <summary>What cannot be is refused before anything is started: the exit code, and a text that says what to do.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void A_missing_job_file_is_named() => Refuses(_ => ["run", "nowhere.yaml"], Commands.Usage, "nowhere.yaml", "does not exist");

    [Fact]
    public void A_missing_program_is_refused_before_anything_runs() =>
        Refuses(_ => ["run", "--", "/no/such/program"], Commands.Usage, "/no/such/program", "no file");

    [Fact]
    public void A_program_that_is_not_in_the_path_is_refused() =>
        Refuses(_ => ["run", "--", "no-such-program-anywhere"], Commands.Usage, "no-such-program-anywhere", "PATH");

    [Fact]
    public void A_program_that_is_not_executable_is_refused() => Refuses(
        run =>
        {
            File.WriteAllText(Path.Combine(run.Root, "script"), "echo hi");
            return ["run", "--", "./script"];
        },
        Commands.Usage, "not executable", "chmod +x");

    [Fact]
    public void A_key_that_is_unknown_is_named_with_the_nearest_known_one() =>
        Refuses(run => Job(run, "run: echo hi\ngang: { procPerNode: 2 }\n"), Commands.Usage, "line 2", "procPerNode", "did you mean procsPerNode?");

    [Fact]
    public void Negative_numbers_are_refused_all_at_once() => Refuses(
        run => Job(run, "run: echo hi\ngang: { procsPerNode: -2 }\ncheckpoint: { every: -1 }\n"),
        Commands.Usage, "gang.procsPerNode is \"-2\"", "checkpoint.every is \"-1\"");

    [Fact]
    public void A_negative_number_of_ranks_on_the_command_line_is_refused() =>
        Refuses(_ => ["run", "--nproc", "-1", "--", "true"], Commands.Usage, "procsPerNode", "-1");

    [Fact]
    public void An_unknown_option_is_refused() => Refuses(_ => ["run", "--no-such-option"], Commands.Usage, "--no-such-option");

    [Fact]
    public void An_unknown_output_format_is_refused() => Refuses(_ => ["ps", "-o", "yaml"], Commands.Usage, "text or json");

    [Fact]
    public void A_job_that_is_not_there_is_named_with_those_that_are() => Refuses(_ => ["status", "nobody"], Commands.Usage, "nobody", "no job");

    [Fact]
    public void A_directory_with_something_else_in_it_is_left_alone() => RealRun.In(run =>
    {
        Directory.CreateDirectory(Path.Combine(run.Data, "store"));
        File.WriteAllText(Path.Combine(run.Data, "store/thesis.txt"), "years of work");

        var command = Commands.RunProgram(run, [], "true");

        Commands.RequireExit(Commands.Infrastructure, command);
        Assert.Contains("thesis.txt", command.Errors, StringComparison.Ordinal);
        Assert.Equal("years of work", File.ReadAllText(Path.Combine(run.Data, "store/thesis.txt")));
        run.RequireNobodyLeft();
    });

    [Fact]
    public void A_data_directory_of_a_newer_version_is_refused_by_name() => RealRun.In(run =>
    {
        Commands.RequireExit(Commands.Done, Commands.RunProgram(run, [], "true"));
        var format = Directory.EnumerateFiles(Path.Combine(run.Data, "store"), "*", SearchOption.AllDirectories)
            .Single(file => new FileInfo(file).Length < 200 && File.ReadAllText(file).Contains("version: 1", StringComparison.Ordinal));
        File.WriteAllText(format, File.ReadAllText(format).Replace("version: 1", "version: 99", StringComparison.Ordinal));

        var command = Commands.RunProgram(run, [], "true");

        Commands.RequireExit(Commands.Infrastructure, command);
        Assert.Contains("newer muster", command.Errors, StringComparison.Ordinal);
        run.RequireNobodyLeft();
    });

    [Fact]
    public void A_socket_that_cannot_be_made_ends_the_command_with_the_reason() => RealRun.In(run =>
    {
        Directory.CreateDirectory(Path.Combine(run.Data, "s/control/in-the-way"));

        var command = Commands.RunProgram(run, [], "true");

        Commands.RequireExit(Commands.Infrastructure, command);
        Assert.Contains("s/control", command.Errors, StringComparison.Ordinal);
        run.RequireNobodyLeft();
    });

    private static string[] Job(RealRun run, string text)
    {
        File.WriteAllText(run.JobFile, text);
        return ["run", run.JobFile];
    }

    private static void Refuses(Func<RealRun, string[]> arguments, int exitCode, params string[] says) => RealRun.In(run =>
    {
        var command = run.Run(arguments(run));

        Commands.RequireExit(exitCode, command);
        Assert.All(says, word => Assert.Contains(word, command.Errors, StringComparison.Ordinal));
        Assert.False(Directory.Exists(Path.Combine(run.Root, ".muster")), "something was started");
    });
}
