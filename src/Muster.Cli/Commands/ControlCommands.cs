using System.CommandLine;
using System.Text.Json;
using Muster.Cli.Control;
using Muster.Codecs.Control;
using Muster.Network.Http1;
using Muster.Server.Control;

namespace Muster.Cli.Commands;

/// <summary>Commands that change jobs; they need the job's owner to run, except where a directory is removed.</summary>
internal static class ControlCommands
{
    public static Command Stop()
    {
        var (job, output, data) = (CommonOptions.Job(), CommonOptions.Output(), CommonOptions.Data());
        var grace = new Option<string?>("--grace") { Description = "Time from the signal to SIGKILL, such as 30s; the job's own where not given." };
        var save = new Option<bool>("--checkpoint") { Description = "All ranks save at one step first." };
        var command = new Command("stop", "Cancels a running job. (Ctrl-C in `muster run` stops it resumably.)") { job, grace, save, output, data };
        command.SetAction((parsed, cancel) => SendAsync(
            parsed.GetValue(job)!, parsed.GetValue(data), parsed.IsJson(output),
            client => client.StopAsync(
                parsed.GetValue(job)!,
                new StopRequest(Duration(parsed.GetValue(grace)), parsed.GetValue(save) ? true : null, Resumable: false), cancel)));
        return command;
    }

    public static Command Remove()
    {
        var (job, output, data) = (CommonOptions.Job(), CommonOptions.Output(), CommonOptions.Data());
        var command = new Command("rm", "Removes a job that is over, with its data directory: checkpoints, output, history.") { job, output, data };
        command.SetAction(async (parsed, _) =>
        {
            var layout = CommonOptions.Locate(parsed.GetValue(job)!, parsed.GetValue(data));
            using (Data.OwnerLock.Take(layout))
            {
                if (Data.StoreChoice.Of(layout) is { } rented)
                    await OfflineJobs.RemoveAllAsync(rented);
                Directory.Delete(layout.Root, recursive: true);
                if (Directory.Exists(layout.Sockets))
                    Directory.Delete(layout.Sockets, recursive: true);
            }

            Print(new ControlReply(true, $"removed {layout.Root}"), parsed.IsJson(output));
            return ExitCode.Done;
        });
        return command;
    }

    internal static async Task<int> SendAsync(
        string job, string? data, bool json, Func<ControlClient, Task<ControlReply>> send)
    {
        var layout = CommonOptions.Locate(job, data);
        try
        {
            var reply = await send(new ControlClient(layout.ControlSocket));
            Print(reply, json);
            return reply.Done ? ExitCode.Done : ExitCode.Refused;
        }
        catch (HttpPeerException)
        {
            throw new CliException(ExitCode.Refused, $"'{job}' is not running: nobody owns {layout.Root}. Start it first: muster run");
        }
    }

    private static void Print(ControlReply reply, bool json) =>
        Console.WriteLine(json ? JsonSerializer.Serialize(reply, ControlJson.Default.ControlReply) : reply.Detail);

    private static double? Duration(string? text)
    {
        if (text is null)
            return null;
        var unit = text.EndsWith("ms", StringComparison.Ordinal) ? 0.001 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
        var number = text.TrimEnd('m', 's', 'h');
        if (unit == 0 || !double.TryParse(number, out var value) || value < 0)
            throw new CliException(ExitCode.Usage, $"--grace {text}: write a duration such as 30s, 500ms or 2m");
        return value * unit;
    }
}
