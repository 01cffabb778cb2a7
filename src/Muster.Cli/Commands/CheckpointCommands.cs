using System.CommandLine;
using System.Text.Json;
using Muster.Cli.Control;
using Muster.Cli.Show;
using Muster.Codecs.Control;

namespace Muster.Cli.Commands;

/// <summary>`muster ckpt`: what can be resumed from.</summary>
internal static class CheckpointCommands
{
    public static Command Create() => new("ckpt", "Lists, verifies, pins and removes checkpoints.")
    {
        List(), Verify(), Change("pin", "Keeps a checkpoint until it is unpinned."), Change("unpin", "Lets retention have a checkpoint again."),
        Remove(),
    };

    private static Command List()
    {
        var (job, output, data) = (CommonOptions.Job(), CommonOptions.Output(), CommonOptions.Data());
        var command = new Command("ls", "Lists committed checkpoints, newest first.") { job, output, data };
        command.SetAction(async (parsed, cancel) =>
        {
            var list = await ReadAsync(parsed.GetValue(job)!, parsed.GetValue(data), cancel);
            if (parsed.IsJson(output))
                Console.WriteLine(JsonSerializer.Serialize(list, ControlJson.Default.CheckpointList));
            else
                WriteTable(list);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Verify()
    {
        var job = new Argument<string?>("JOB") { Description = "The job's name.", Arity = ArgumentArity.ZeroOrOne };
        var files = new Option<string?>("--files") { Description = "One checkpoint's directory, without any store.", HelpName = "DIR" };
        var (output, data) = (CommonOptions.Output(), CommonOptions.Data());
        var command = new Command("verify", "Reads every file of checkpoints again and compares digests.") { job, files, output, data };
        command.SetAction(async (parsed, cancel) =>
        {
            List<string> directories;
            if (parsed.GetValue(files) is { } directory)
                directories = [Path.GetFullPath(directory)];
            else if (parsed.GetValue(job) is { } name)
                directories = [.. (await ReadAsync(name, parsed.GetValue(data), cancel)).Checkpoints.Select(c => c.Directory)];
            else
                throw new CliException(ExitCode.Usage, "name a job, or a checkpoint's directory with --files DIR");
            var bad = 0;
            foreach (var checkpoint in directories)
                bad += await VerifyOneAsync(checkpoint, parsed.IsJson(output)) ? 0 : 1;
            return bad == 0 ? ExitCode.Done : ExitCode.Infrastructure;
        });
        return command;
    }

    private static async Task<bool> VerifyOneAsync(string directory, bool json)
    {
        var report = await CheckpointCheck.RunAsync(directory);
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(report, CheckpointCheckJson.Default.CheckpointCheck));
        else
            Console.WriteLine(report.Trouble is null
                ? $"{Style.Green("ok ")}  {directory}: {report.Shards} shards, {JobText.Bytes(report.Bytes)}"
                : $"{Style.Red("bad")}  {directory}: {report.Trouble}");
        return report.Trouble is null;
    }

    private static Command Change(string change, string description)
    {
        var command = Change(change, description, out var send);
        command.SetAction((parsed, cancel) => send(parsed, change, cancel));
        return command;
    }

    private static Command Change(string name, string description, out Func<ParseResult, string, CancellationToken, Task<int>> send)
    {
        var (job, output, data) = (CommonOptions.Job(), CommonOptions.Output(), CommonOptions.Data());
        var checkpoint = new Argument<string>("STEP") { Description = "The checkpoint's step, or step.generation." };
        send = (parsed, change, cancel) => ControlCommands.SendAsync(
            parsed.GetValue(job)!, parsed.GetValue(data), parsed.IsJson(output),
            client => client.ChangeCheckpointAsync(parsed.GetValue(job)!, parsed.GetValue(checkpoint)!, change, cancel));
        return new Command(name, description) { job, checkpoint, output, data };
    }

    private static Command Remove()
    {
        var command = Change("rm", "Removes a checkpoint that is not needed.", out var send);
        var force = new Option<bool>("--force") { Description = "Also when it is the result of a completed job." };
        command.Options.Add(force);
        command.SetAction((parsed, cancel) => send(parsed, parsed.GetValue(force) ? "rm-force" : "rm", cancel));
        return command;
    }

    private static Task<CheckpointList> ReadAsync(string job, string? data, CancellationToken cancel) =>
        new JobReader(CommonOptions.Locate(job, data), job).CheckpointsAsync(cancel);

    private static void WriteTable(CheckpointList list)
    {
        if (list.Checkpoints.IsEmpty)
        {
            Console.WriteLine("No committed checkpoint.");
            return;
        }

        Console.WriteLine(Style.Dim($"{"CHECKPOINT",-16} {"SHARDS",6} {"SIZE",10}  STATE"));
        foreach (var checkpoint in list.Checkpoints)
        {
            var state = checkpoint.Quarantined is { } why ? Style.Red($"quarantined: {why}") : checkpoint.Pinned ? "pinned" : "";
            Console.WriteLine($"{$"{checkpoint.Step}.{checkpoint.Generation}",-16} {checkpoint.WorldSize,6} {JobText.Bytes(checkpoint.Bytes),10}  {state}");
        }
    }
}
