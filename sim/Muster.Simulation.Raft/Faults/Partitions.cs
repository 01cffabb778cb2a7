using Muster.Raft;

namespace Muster.Simulation.Raft;

/// <summary>Cuts the network in every shape that has a name.</summary>
internal sealed class Partitions(RaftWorld world)
{
    private static readonly string[] Shapes = ["two halves", "one way", "a lone leader", "a bridge", "a ring", "a single link"];

    public void Make()
    {
        world.Links.Mend();
        world.Counts.Partitions++;
        var all = world.Members.Where(member => !member.IsRetired).Select(member => member.Id).ToList();
        for (var i = all.Count - 1; i > 0; i--)
        {
            var j = world.Chance.Next(i + 1);
            (all[i], all[j]) = (all[j], all[i]);
        }

        var shape = world.Chance.Next(Shapes.Length);
        Cut(shape, all);
        world.Story.Tell(world.Now, $"the network is cut: {Shapes[shape]} of {string.Join(' ', all)}");
    }

    public void Mend()
    {
        world.Links.Mend();
        world.Story.Tell(world.Now, "the network is whole");
    }

    private void Cut(int shape, List<MemberId> all)
    {
        var half = 1 + world.Chance.Next(all.Count - 1);
        switch (shape)
        {
            case 0:
                Between(all[..half], all[half..], bothWays: true);
                break;
            case 1:
                Between(all[..half], all[half..], bothWays: false);
                break;
            case 2:
                var leader = world.Members.FirstOrDefault(member => member.Core?.Role == Role.Leader)?.Id ?? all[0];
                Between([leader], all, world.Chance.Chance(0.6));
                break;
            case 3:
                // Both sides see the one in the middle, and not each other.
                var middle = all.Count / 2;
                Between(all[..middle], all[(middle + 1)..], bothWays: true);
                break;
            case 4:
                for (var i = 0; i < all.Count; i++)
                    for (var j = 0; j < all.Count; j++)
                        if ((i + 1) % all.Count != j && (j + 1) % all.Count != i)
                            Between([all[i]], [all[j]], bothWays: true);
                break;
            default:
                Between([all[0]], [all[1]], world.Chance.Chance(0.5));
                break;
        }
    }

    private void Between(List<MemberId> some, List<MemberId> others, bool bothWays)
    {
        foreach (var one in some)
        {
            foreach (var other in others.Where(other => other != one))
            {
                world.Links.Cut(one, other);
                if (bothWays)
                    world.Links.Cut(other, one);
            }
        }
    }
}
