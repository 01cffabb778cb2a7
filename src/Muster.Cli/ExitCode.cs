namespace Muster.Cli;

/// <summary>What the program's exit code says; documented in docs/cli.md and printed by <c>muster --help</c>.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Usage = 1;
    public const int NotPlaced = 2;
    public const int ProgramFailed = 3;
    public const int Stopped = 4;
    public const int Infrastructure = 5;
    public const int Refused = 6;

    public const string Table = """
        Exit codes:
          0  done                          4  stopped or cancelled
          1  usage, or the client's fault  5  infrastructure (store, disk, server)
          2  accepted but not placed       6  refused
          3  the user's program failed
        """;
}

/// <summary>A command cannot go on; the text says what was wrong, where, and what to do.</summary>
internal sealed class CliException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
