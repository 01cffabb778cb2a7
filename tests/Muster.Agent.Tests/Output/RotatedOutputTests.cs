using System.Text;
using Muster.Agent.Output;

namespace Muster.Agent.Tests.Output;

public sealed class RotatedOutputTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("muster-output-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Logs_are_bounded_and_the_newest_bytes_are_kept()
    {
        using var output = new RotatedOutput(_directory, new OutputLimits { FileBytesMax = 100, FilesMax = 3 });

        for (var i = 0; i < 50; i++)
            output.Append("rank-0", Encoding.ASCII.GetBytes($"line {i:d4}\n"));

        Assert.Equal(["rank-0.log", "rank-0.log.1", "rank-0.log.2"], Directory.GetFiles(_directory).Select(Path.GetFileName).Order());
        Assert.EndsWith("line 0049\n", File.ReadAllText($"{_directory}/rank-0.log"), StringComparison.Ordinal);
        Assert.StartsWith("line 0030", File.ReadAllText($"{_directory}/rank-0.log.1"), StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(_directory), file => Assert.InRange(new FileInfo(file).Length, 1, 100));
    }

    [Fact]
    public void The_last_line_is_the_last_that_shows_anything_and_of_this_process_only()
    {
        using var output = new RotatedOutput(_directory);
        output.Append("rank-0", "old\n"u8);

        output.Begin("rank-0");
        var nothing = output.LastLine("rank-0");
        output.Append("rank-0", "first\nsecond half"u8);
        output.Append("rank-0", " and the rest\n   \n\n"u8);

        Assert.Null(nothing);
        Assert.Equal("second half and the rest", output.LastLine("rank-0"));
    }
}
