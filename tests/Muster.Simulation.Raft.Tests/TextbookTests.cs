using Muster.Simulation.Raft.Textbook;

namespace Muster.Simulation.Raft.Tests;

public class TextbookTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_case_of_the_textbook_comes_out_as_it_must(ulong seed)
    {
        var lines = new List<string>();

        var all = ElectionLesson.Tell(seed, lines.Add);

        Assert.True(all, string.Join('\n', lines));
        Assert.Contains(lines, line => line.Contains("Terms with two leaders: 0.", StringComparison.Ordinal));
    }

    [Fact]
    public void An_even_number_of_voters_survives_no_more_than_one_less()
    {
        var lines = QuorumTable.Lines(2, 9).ToList();

        Assert.Contains("survives no more", lines[1], StringComparison.Ordinal);
        Assert.Equal(4, lines.Count(line => line.Contains("survives one failure more", StringComparison.Ordinal)));
        Assert.Equal(4, lines.Count(line => line.Contains("waits for one vote more", StringComparison.Ordinal)));
    }
}
