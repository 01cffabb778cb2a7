using Muster.Cli.Data;
using Muster.Codecs.Control;
using Muster.Network.Http1;
using Muster.Server.Control;
using Muster.Stores;

namespace Muster.Cli.Control;

/// <summary>Reads jobs from whoever owns a data directory, or from the directory itself when nobody does.</summary>
internal sealed class JobReader(DataLayout layout, string job)
{
    private readonly ControlClient _control = new(layout.ControlSocket);

    /// <summary>All jobs of a data directory.</summary>
    public static async Task<IReadOnlyList<JobReport>> AllAsync(DataLayout layout, CancellationToken cancel)
    {
        try
        {
            var list = await new ControlClient(layout.ControlSocket).ListAsync(cancel);
            return [.. list.Jobs.Select(view => new JobReport(view, [], false))];
        }
        catch (HttpPeerException)
        {
            return [.. (await OfflineAsync(layout)).All];
        }
    }

    /// <summary>One job.</summary>
    public static Task<JobReport> OneAsync(DataLayout layout, string job, CancellationToken cancel) =>
        new JobReader(layout, job).ReadAsync(c => c.StatusAsync(job, cancel), offline => offline.Report(job, long.MaxValue));

    public Task<EventList> EventsAsync(CancellationToken cancel) =>
        ReadAsync(control => control.EventsAsync(job, cancel), offline => offline.Events(job));

    public Task<WhyReply> WhyAsync(CancellationToken cancel) =>
        ReadAsync(control => control.WhyAsync(job, cancel), offline => offline.Why(job));

    public Task<CheckpointList> CheckpointsAsync(CancellationToken cancel) =>
        ReadAsync(control => control.CheckpointsAsync(job, cancel), offline => offline.Checkpoints(job));

    private async Task<T> ReadAsync<T>(Func<ControlClient, Task<T>> online, Func<JobReports, T?> offline)
        where T : class
    {
        try
        {
            return await online(_control);
        }
        catch (HttpPeerException)
        {
            return offline(await OfflineAsync(layout))
                ?? throw new CliException(ExitCode.Usage, $"no job '{job}' in {layout.Root}");
        }
    }

    private static async Task<JobReports> OfflineAsync(DataLayout layout)
    {
        try
        {
            return StoreChoice.Of(layout) is { } rented ? await OfflineJobs.ReadAsync(rented) : await OfflineJobs.ReadAsync(layout.Store);
        }
        catch (StoreUnavailableException silent)
        {
            throw new CliException(ExitCode.Infrastructure, silent.Message);
        }
    }
}
