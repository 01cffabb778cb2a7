using Muster.Jobs.Keepers;
using Muster.Runtime;

namespace Muster.Agent.Hosting;

/// <summary>Between the seam's names for processes and the cores'.</summary>
internal static class ProcessNames
{
    public static HostProcess ToCore(this ProcessId id) => new(id.Pid, id.StartTicks);

    public static ProcessId ToSeam(this HostProcess process) => new(process.Pid, process.StartTicks);

    public static SeenProcess ToCore(this TaggedProcess seen) => new(
        seen.Id.ToCore(), seen.Parent, seen.Group,
        seen.Tags.GetValueOrDefault(ProcessTags.Job),
        HostProcess.Parse(seen.Tags.GetValueOrDefault(ProcessTags.Keeper)),
        seen.Tags.GetValueOrDefault(ProcessTags.Agent),
        seen.Tags.GetValueOrDefault(ProcessTags.KeeperOf));
}
