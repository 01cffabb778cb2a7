using Muster.Raft;

namespace Muster.Simulation.Raft.Textbook;

/// <summary>What clusters of each size survive, and why even sizes buy nothing.</summary>
public static class QuorumTable
{
    /// <summary>The table for sizes from one to another, both included.</summary>
    public static IEnumerable<string> Lines(int from, int to)
    {
        yield return "voters  majority  may fail  if two fail   beside one voter less";
        for (var voters = from; voters <= to; voters++)
        {
            var majority = MajorityQuorum.Size(voters);
            var mayFail = voters - majority;
            var two = voters <= 2 ? "nobody left" : voters - 2 >= majority ? "goes on" : "stands still";
            var fewer = voters == 1 ? "" : mayFail > voters - 1 - MajorityQuorum.Size(voters - 1) ? "survives one failure more"
                : "survives no more, and waits for one vote more";
            yield return $"{voters,6}  {majority,8}  {mayFail,8}  {two,-12}  {fewer}".TrimEnd();
        }

        yield return "";
        yield return "An even number survives no more failures than the odd one below it: the voter added raises the majority by one, and is itself";
        yield return "one more that can fail. Two are worse than one: either one's failure stops both.";
        yield return "A network cut in half leaves neither half of an even cluster with a majority. Standing still means: nothing is lost, reads";
        yield return "and writes wait, running training goes on. Take three, or five where one may be in repair while another fails.";
    }
}
