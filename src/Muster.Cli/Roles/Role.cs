namespace Muster.Cli.Roles;

/// <summary>A process of the tree below `muster run`, or of a cluster.</summary>
/// <param name="Name">First word of its command line.</param>
/// <param name="Run">Its main program, given the rest.</param>
internal sealed record Role(string Name, Func<string[], int> Run)
{
    public static Role? Find(string name) => name switch
    {
        "server" => new(name, ServerRole.Run),
        "agent" => new(name, AgentRole.Run),
        "keeper" => new(name, KeeperRole.Run),
        _ => null,
    };
}
