using Muster.Primitives;

namespace Muster.Raft.Tests;

public class LogProperties(ITestOutputHelper output)
{
    private const int Cases = 5_000;

    [Fact]
    public void The_log_does_what_a_list_does()
    {
        for (var seed = Seeds.First; seed < Seeds.First + Cases; seed++)
            Seeds.Named(seed, () => Walk(new(seed)));
        output.WriteLine($"count: {Cases} walks of a log beside a list");
    }

    private static void Walk(SeededRandom random)
    {
        var log = new RaftLog(null, [], default);
        var naive = new List<Term>();
        var (term, compacted) = (1, 0);
        for (var step = 0; step < 60; step++)
        {
            switch (random.Next(6))
            {
                case 0:
                    term++;
                    break;
                case 1:
                    log.Append(Entry(term, naive.Count + 1));
                    naive.Add(new(term));
                    break;
                case 2:
                    FromLeader(random, log, naive, ref term);
                    break;
                case 3:
                    log.CommitTo(new(random.Next(0, naive.Count + 1)));
                    break;
                case 4:
                    log.HandOut();
                    log.StoredTo(log.Last);
                    log.HandToStateMachine(alsoUnstored: false, long.MaxValue);
                    log.AppliedTo(log.Applying);
                    break;
                default:
                    compacted = Math.Max(compacted, random.Next(0, (int)Math.Min(log.Applied.Number, log.Stored.Number) + 1));
                    log.Compact(new(compacted));
                    break;
            }

            Same(log, naive, compacted);
        }
    }

    private static void FromLeader(SeededRandom random, RaftLog log, List<Term> naive, ref int term)
    {
        var from = random.Next((int)log.Committed.Number, naive.Count + 1);
        term++;
        var count = random.Next(0, 5);
        var entries = Enumerable.Range(from + 1, count).Select(at => Entry(log.TermAt(new(at)) is { } same && log.Committed.Number >= at ? (int)same.Number : 0, at)).ToArray();
        var now = term;
        entries = [.. entries.Select(entry => Entry(now, (int)entry.Index.Number))];

        var agreed = log.TryAppend(new(from == 0 ? Term.None : naive[from - 1], new(from)), entries);

        Assert.Equal(new LogIndex(from + count), agreed);
        if (count == 0)
            return;
        naive.RemoveRange(from, naive.Count - from);
        naive.AddRange(Enumerable.Repeat(new Term(now), count));
    }

    private static void Same(RaftLog log, List<Term> naive, int compacted)
    {
        Assert.Equal(naive.Count, log.Last.Index.Number);
        Assert.Equal(compacted, log.Base.Index.Number);
        for (var at = compacted + 1; at <= naive.Count; at++)
            Assert.Equal(naive[at - 1], log.TermAt(new(at)));
        Assert.Null(log.TermAt(new(naive.Count + 1)));
        Assert.True(log.Stored <= log.HandedOut && log.HandedOut <= log.Last.Index && log.Applied <= log.Committed);
        foreach (var hint in Enumerable.Range(compacted, naive.Count - compacted + 1))
        {
            var found = log.LastNotAbove(new(hint), new(hint));
            Assert.True(found.Index <= new LogIndex(hint) && (found.Term == Term.None || found.Term <= new Term(hint)));
        }
    }

    private static LogEntry Entry(int term, int index) => new(new(term), new(index), new byte[1]);
}
