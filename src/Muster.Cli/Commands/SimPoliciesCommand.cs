using System.CommandLine;
using Muster.Scheduling.Policies;

namespace Muster.Cli.Commands;

/// <summary>`muster sim policies`: what --policy takes.</summary>
internal static class SimPoliciesCommand
{
    public static Command Create()
    {
        var command = new Command("policies", "Lists the scheduling policies.");
        command.SetAction((_, _) =>
        {
            foreach (var (name, about) in PolicyCatalogue.All)
                Console.WriteLine($"{name,-28}{about}");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
