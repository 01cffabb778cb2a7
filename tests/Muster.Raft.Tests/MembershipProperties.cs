using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Raft.Tests;

public class MembershipProperties(ITestOutputHelper output)
{
    private const int Cases = 20_000;

    [Fact]
    public void Any_quorum_before_a_change_meets_any_quorum_after_it()
    {
        var made = 0;
        for (var seed = Seeds.First; seed < Seeds.First + Cases; seed++)
        {
            Seeds.Named(seed, () =>
            {
                var random = new SeededRandom(seed);
                var before = Configuration.OfVoters(Enumerable.Range(1, random.Next(1, 5)).Select(id => new MemberId((ulong)id)));
                for (var step = 0; step < 6; step++)
                {
                    var outcome = ConfigurationChanger.Make(before, Draw(random));
                    if (!outcome.IsMade)
                        continue;

                    made++;
                    Assert.True(QuorumsMeet(before, outcome.Configuration), $"{before} and {outcome.Configuration}");
                    Consistent(outcome.Configuration);
                    before = outcome.Configuration;
                }
            });
        }

        output.WriteLine($"count: {made} changes of membership");
    }

    private static ConfigurationChange Draw(SeededRandom random)
    {
        if (random.Chance(0.2))
            return ConfigurationChange.Leave;
        var steps = ImmutableArray.CreateBuilder<MemberChange>();
        for (var i = random.Next(1, 4); i > 0; i--)
            steps.Add(new((MemberChangeKind)random.Next(4), new((ulong)random.Next(0, 7))));
        return new(steps.ToImmutable(), (Transition)random.Next(3));
    }

    // Every set of members is tried: the sets are small.
    private static bool QuorumsMeet(Configuration before, Configuration after)
    {
        for (var some = 0; some < 1 << 7; some++)
        {
            if (IsQuorum(before, some) && IsQuorum(after, ~some))
                return false;
        }

        return true;
    }

    private static bool IsQuorum(Configuration configuration, int members) =>
        configuration.Quorum.Verdict(new Those(members)) == QuorumVerdict.Won;

    private static void Consistent(Configuration configuration)
    {
        Assert.True(configuration.Voters.Count > 0);
        Assert.All(configuration.Learners, learner => Assert.False(configuration.IsVoter(learner)));
        Assert.All(configuration.LearnersNext, next => Assert.True(configuration.Outgoing.Contains(next) && !configuration.Voters.Contains(next)));
        Assert.True(configuration.IsJoint || (configuration.LearnersNext.Count == 0 && !configuration.LeaveAutomatically));
    }

    private readonly struct Those(int members) : IBallots
    {
        public bool? Of(MemberId voter) => (members >> (int)voter.Number & 1) == 1;
    }
}
