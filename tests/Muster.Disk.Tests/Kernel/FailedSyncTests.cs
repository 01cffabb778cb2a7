using System.Globalization;

namespace Muster.Disk.Tests.Kernel;

/// <summary>The kernel itself reports the error: a real process, a real disk.</summary>
public sealed class FailedSyncTests(ITestOutputHelper output) : IDisposable
{
    private const int Appends = 40;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("fdatasync", "EIO", 1)]
    [InlineData("fdatasync", "EIO", 5)]
    [InlineData("fdatasync", "ENOSPC", 4)]
    [InlineData("fdatasync", "EDQUOT", 3)]
    [InlineData("fsync", "EIO", 2)]
    [InlineData("fsync", "EIO", 6)]
    [InlineData("pwrite64", "EIO", 7)]
    public void A_process_whose_sync_or_write_fails_once_acknowledges_nothing_more_and_ends_and_a_restart_is_clean(
        string call, string error, int when)
    {
        Programs.Require("strace");

        var (exitCode, lines) = Programs.Run([
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:error={error}:when={when}",
            .. Programs.Child("append", _directory.At("data"), $"{Appends}")]);
        var acknowledged = Last(lines, "ack ");
        var (again, recovery) = Programs.Run(Programs.Child("append", _directory.At("data"), "3"));

        output.WriteLine($"{acknowledged} acknowledged, then: {lines[^1]}");
        Assert.Equal(ChildProgram.DiskFailed, exitCode);
        Assert.StartsWith("failed", lines[^1], StringComparison.Ordinal);
        Assert.True(acknowledged < Appends);
        Assert.Equal(0, again);
        Assert.InRange(Last(recovery, "recovered "), acknowledged, acknowledged + 1);
    }

    [Theory]
    [InlineData("fdatasync", 3)]
    [InlineData("fsync", 3)]
    [InlineData("pwrite64", 5)]
    public void A_call_that_a_signal_interrupts_is_repeated(string call, int when)
    {
        Programs.Require("strace");

        var (exitCode, lines) = Programs.Run([
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:error=EINTR:when={when}",
            .. Programs.Child("append", _directory.At("data"), "10")]);

        Assert.Equal(0, exitCode);
        Assert.Equal(10, Last(lines, "ack "));
    }

    private static int Last(string[] lines, string word)
    {
        var last = lines.LastOrDefault(line => line.StartsWith(word, StringComparison.Ordinal));
        return last is null ? 0 : int.Parse(last[word.Length..], CultureInfo.InvariantCulture);
    }
}
