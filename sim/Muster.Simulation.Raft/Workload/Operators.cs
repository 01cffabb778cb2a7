using System.Collections.Immutable;
using Muster.Raft;

namespace Muster.Simulation.Raft;

/// <summary>Adds, removes, promotes, demotes and replaces members at the worst moments, and moves leadership.</summary>
internal sealed class Operators(RaftWorld world)
{
    private const int VotersMin = 3;
    private const int VotersMax = 7;
    private ulong _lastId = (ulong)world.Settings.Voters;

    public void ChangeMembership()
    {
        if (Leader() is not { } leader)
            return;
        var configuration = leader.Core!.Configuration;
        var change = configuration.IsJoint ? ConfigurationChange.Leave : Draw(configuration);
        if (world.Shell.Give(leader, new Input.Propose([new(default, change)])) is StepOutcome.Appended { RefusedChange: null })
            world.Story.Tell(world.Now, $"{leader.Id} is asked for {change} ({change.Transition})");
    }

    public void TransferLeadership()
    {
        if (Leader() is not { } leader)
            return;
        var to = world.Chance.Pick(leader.Core!.Configuration.Voters);
        world.Story.Tell(world.Now, $"{leader.Id} is asked to hand over to {to}");
        world.Counts.Transfers++;
        world.Shell.Give(leader, new Input.TransferLeadership(to));
    }

    private SimulatedMember? Leader() =>
        world.Members.Where(member => member.IsUp && member.PausedUntil <= world.Now && member.Core!.Role == Role.Leader).MaxBy(member => member.Core!.Term.Number);

    private ConfigurationChange Draw(Configuration configuration)
    {
        var steps = ImmutableArray.CreateBuilder<MemberChange>();
        var count = world.Chance.Chance(0.6) ? 1 : world.Chance.Next(2, 4);
        for (var i = 0; i < count; i++)
            steps.Add(DrawStep(configuration));
        var transition = count == 1 && world.Chance.Chance(0.7) ? Transition.Automatic
            : world.Chance.Chance(0.5) ? Transition.JointExplicit : Transition.JointImplicit;
        return new(steps.DrainToImmutable(), transition);
    }

    private MemberChange DrawStep(Configuration configuration)
    {
        var voters = configuration.Voters;
        if (configuration.Learners.Count > 0 && voters.Count < VotersMax && world.Chance.Chance(0.5))
            return new(MemberChangeKind.AddVoter, world.Chance.Pick(configuration.Learners));
        return world.Chance.Next(4) switch
        {
            0 when voters.Count > VotersMin => new(MemberChangeKind.Remove, world.Chance.Pick(voters)),
            1 when voters.Count > VotersMin => new(MemberChangeKind.AddLearner, world.Chance.Pick(voters)),
            2 when voters.Count < VotersMax => new(MemberChangeKind.AddVoter, NewMember()),
            _ when configuration.Learners.Count >= 2 => new(MemberChangeKind.Remove, world.Chance.Pick(configuration.Learners)),
            _ => new(MemberChangeKind.AddLearner, NewMember()),
        };
    }

    private MemberId NewMember()
    {
        // A number is never given again, also when the change that gave it fails.
        var id = new MemberId(++_lastId);
        world.Add(id, start: null);
        return id;
    }
}
