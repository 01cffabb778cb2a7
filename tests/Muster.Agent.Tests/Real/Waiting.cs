using System.Text;

namespace Muster.Agent.Tests.Real;

/// <summary>Waiting for what only the outside world shows.</summary>
internal static class Waiting
{
    public static async Task UntilAsync(Func<bool> condition, int secondsMax = 20)
    {
        var end = DateTime.UtcNow.AddSeconds(secondsMax);
        while (!condition())
        {
            if (DateTime.UtcNow > end)
                throw new TimeoutException("it never became true");
            await Task.Delay(10);
        }
    }

    /// <summary>Whether a process with this command line runs.</summary>
    public static bool AnyProcess(string commandLine) => Directory.EnumerateDirectories("/proc")
        .Where(directory => int.TryParse(Path.GetFileName(directory), out _))
        .Any(directory =>
        {
            try
            {
                return Encoding.UTF8.GetString(File.ReadAllBytes($"{directory}/cmdline")) == commandLine;
            }
            catch (IOException)
            {
                return false;
            }
        });
}
