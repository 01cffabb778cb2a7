namespace Muster.Agent.Hosting;

/// <summary>Absolute paths as paths of a volume whose root is the host's.</summary>
internal static class HostPaths
{
    public static string OnVolume(string absolute) => absolute.Trim('/');
}
