using System.CommandLine;

namespace Muster.Cli.Commands;

/// <summary>`muster sim`: what would happen, in simulated time. Each verb has a file of its own.</summary>
internal static class SimCommand
{
    public static Command Create() => new("sim", "Plays what would happen, in simulated time.")
    {
        SimRunCommand.Create(), SimSweepCommand.Create(), SimCompareCommand.Create(), SimTraceCommand.Create(), SimPoliciesCommand.Create(),
        SimRaftCommand.Create(), SimRaftCommand.Election(),
    };
}
