namespace Muster.Collectives.Tests;

/// <summary>What is counted per process is counted while no other test runs.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>What groups leave behind: nothing.</summary>
[Collection(nameof(Alone))]
public sealed class ResidueTests
{
    [Fact]
    public void Groups_give_back_every_descriptor_and_mapping_and_leave_no_shared_file()
    {
        foreach (var transport in World.Transports)
            World.Run(3, World.Options(transport), group => group.Barrier());
        var (descriptors, files) = (Directory.GetFiles("/proc/self/fd").Length, DeathTests.SharedFiles());

        for (var i = 0; i < 5; i++)
        {
            foreach (var transport in World.Transports)
                World.Run(3, World.Options(transport), group => group.Barrier());
        }

        Assert.Equal(files, DeathTests.SharedFiles());
        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, descriptors);
        Assert.DoesNotContain("muster-collectives", File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }
}
