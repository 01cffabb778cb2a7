using Muster.Primitives;

namespace Muster.Raft.Tests;

public class QuorumProperties(ITestOutputHelper output)
{
    private const int Cases = 20_000;

    [Fact]
    public void Committed_is_the_highest_slot_that_more_than_half_have_reached()
    {
        Each(random =>
        {
            var (voters, slots) = Draw(random);

            var committed = new MajorityQuorum(voters).Committed(slots);

            var naive = Enumerable.Range(0, 12).Select(slot => new LogIndex(slot))
                .LastOrDefault(slot => voters.Count(voter => slots.Of(voter) >= slot) * 2 > voters.Count);
            Assert.Equal(voters.Count == 0 ? new(long.MaxValue) : naive, committed);
        });
    }

    [Fact]
    public void A_vote_is_pending_exactly_when_what_is_missing_could_turn_it()
    {
        Each(random =>
        {
            var (voters, ballots) = DrawBallots(random);
            var other = DrawBallots(random).Voters;
            var joint = new JointQuorum(new(voters), new(other));

            var verdict = joint.Verdict(ballots);

            var best = joint.Verdict(ballots with { Missing = true });
            var worst = joint.Verdict(ballots with { Missing = false });
            Assert.Equal(best == worst ? best : QuorumVerdict.Pending, verdict);
            Assert.NotEqual(QuorumVerdict.Pending, best);
        });
    }

    [Fact]
    public void A_joint_quorum_is_no_further_than_either_half()
    {
        Each(random =>
        {
            var (voters, slots) = Draw(random);
            var others = Draw(random).Voters;

            var committed = new JointQuorum(new(voters), new(others)).Committed(slots);

            Assert.Equal(
                LogIndex.Min(new MajorityQuorum(voters).Committed(slots), new MajorityQuorum(others).Committed(slots)), committed);
            Assert.Equal(committed, new JointQuorum(new(others), new(voters)).Committed(slots));
        });
    }

    private void Each(Action<SeededRandom> check)
    {
        for (var seed = Seeds.First; seed < Seeds.First + Cases; seed++)
            Seeds.Named(seed, () => check(new(seed)));
        output.WriteLine($"count: {Cases} quorum cases");
    }

    private static (MemberSet Voters, Slots Slots) Draw(SeededRandom random) =>
        (DrawVoters(random), new(Enumerable.Range(0, 10).Select(_ => random.Next(0, 12)).ToArray()));

    private static (MemberSet Voters, Ballots Ballots) DrawBallots(SeededRandom random) =>
        (DrawVoters(random), new(Enumerable.Range(0, 10).Select(_ => random.Next(3)).ToArray(), null));

    private static MemberSet DrawVoters(SeededRandom random) =>
        MemberSet.Of(Enumerable.Range(0, random.Next(0, 8)).Select(_ => new MemberId((ulong)random.Next(1, 10))));

    private sealed record Slots(int[] Of1) : IAcknowledgements
    {
        public LogIndex Of(MemberId voter) => new(Of1[voter.Number]);
    }

    private sealed record Ballots(int[] Said, bool? Missing) : IBallots
    {
        public bool? Of(MemberId voter) => Said[voter.Number] switch { 0 => false, 1 => true, _ => Missing };
    }
}
