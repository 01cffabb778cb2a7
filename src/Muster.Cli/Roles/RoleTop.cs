using System.Globalization;

namespace Muster.Cli.Roles;

/// <summary>The top of a role's process: whatever ends it is said in one line, and the process ends.</summary>
internal static class RoleTop
{
    public static int Run(string role, Action body)
    {
        try
        {
            body();
            return ExitCode.Done;
        }
        catch (CliException usage)
        {
            Console.Error.WriteLine($"muster {role}: {usage.Message}");
            return usage.ExitCode;
        }
#pragma warning disable CA1031 // The process's top. Recovery is start-up: there is nothing to undo.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            var time = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            Console.Error.WriteLine($"{failure}");
            Console.Error.WriteLine($"muster {role}: {failure.Message} ({time})");
            return ExitCode.Infrastructure;
        }
    }
}
