using System.CommandLine;
using System.Runtime.CompilerServices;
using Muster.Cli.Commands;
using Muster.Cli.Show;
using Muster.Codecs.Backup;
using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Network.Http;
using Muster.Server.Backups;

namespace Muster.Cli.Store;

/// <summary>`muster store snapshot`: backups, and stores made of them.</summary>
internal static class SnapshotCommands
{
    public static Command Create() => new("snapshot", "Saves a backup of a store, shows one, and makes a store of one.") { Save(), Show(), Restore() };

    private static Argument<string> File() => new("FILE") { Description = "The backup." };

    private static Command Save()
    {
        var file = File();
        return new StoreOptions().On(new Command("save", "Saves a backup of a running store.") { file }, async (parsed, store, json, cancel) =>
        {
            try
            {
                var backup = await BackupFile.WriteAsync(parsed.GetValue(file)!, PiecesAsync(store, cancel));
                return Print(parsed.GetValue(file)!, backup, json);
            }
            catch (GrpcException refused)
            {
                throw store.Told(refused);
            }
        });
    }

    private static Command Show()
    {
        var (file, output) = (File(), CommonOptions.Output());
        var command = new Command("status", "Checks a backup and says what it holds.") { file, output };
        command.SetAction(async (parsed, _) => Print(parsed.GetValue(file)!, await BackupFile.ReadAsync(parsed.GetValue(file)!), parsed.IsJson(output)));
        return command;
    }

    private static Command Restore()
    {
        var (file, output) = (File(), CommonOptions.Output());
        var data = new Option<string>("--data") { Description = "The new data directory, for `muster server --data`.", Required = true, HelpName = "DIR" };
        var bump = new Option<long>("--bump")
        {
            Description = "Revisions to skip: more than were granted since the backup.", DefaultValueFactory = _ => BackupFile.DefaultBump,
        };
        var command = new Command("restore", "Makes a data directory of a backup: a new cluster, past every revision of the old one.") { file, data, bump, output };
        command.SetAction(async (parsed, _) =>
        {
            if (parsed.GetValue(bump) <= 0)
                throw new CliException(ExitCode.Usage, $"--bump {parsed.GetValue(bump)}: at least 1, so that no revision is granted twice");
            var backup = await BackupFile.ReadAsync(parsed.GetValue(file)!);
            var (cluster, at) = await BackupFile.RestoreAsync(backup, parsed.GetValue(data)!, parsed.GetValue(bump));
            var directory = Path.GetFullPath(parsed.GetValue(data)!);
            if (parsed.IsJson(output))
                StoreText.Print(new RestoredObject(directory, cluster.ToString(), at.Number), StoreJson.Default.RestoredObject);
            else
                Console.WriteLine($"{directory}: cluster {cluster} at revision {at}");
            return ExitCode.Done;
        });
        return command;
    }

    private static int Print(string file, Backup backup, bool json)
    {
        var keys = backup.Image.Live();
        var shown = new BackupObject(
            file, new FileInfo(file).Length, backup.Cluster.ToString(), backup.Image.Revision.Number, keys, backup.Image.Leases.Length,
            backup.Image.StateHash().ToString("x16"));
        if (json)
            StoreText.Print(shown, StoreJson.Default.BackupObject);
        else
            Console.WriteLine($"{file}: {JobText.Bytes(shown.Bytes)}, cluster {shown.Cluster} at revision {shown.Revision}, {keys} keys, {shown.Leases} leases, digest {shown.Digest}");
        return ExitCode.Done;
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(StoreConnection store, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var stream = store.Open("Maintenance/Snapshot", cancel);
        await stream.WriteAsync(Proto.Encode(default(EmptyRequest)));
        stream.Complete();
        while (await stream.ReadAsync() is { } bytes)
            yield return Proto.Decode<SnapshotResponse>(bytes.Span).Blob.Memory;
    }
}
