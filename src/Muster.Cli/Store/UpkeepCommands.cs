using System.CommandLine;
using Muster.Cli.Show;
using Muster.Codecs.Etcd;
using Muster.Primitives;

namespace Muster.Cli.Store;

/// <summary>`muster store compact|status|alarm`: what whoever looks after a store needs.</summary>
internal static class UpkeepCommands
{
    public static Command Compact()
    {
        var revision = new Argument<long>("REVISION") { Description = "What was superseded before it is forgotten." };
        return new StoreOptions().On(new Command("compact", "Forgets history before a revision.") { revision }, async (parsed, store, json, cancel) =>
        {
            var answer = await store.AskAsync<CompactionRequest, HeaderResponse>("KV/Compact", new(new(parsed.GetValue(revision)), IsPhysical: true), cancel);
            if (json)
                StoreText.Print(new DoneObject(true, answer.Header.Revision.Number), StoreJson.Default.DoneObject);
            else
                Console.WriteLine($"compacted at revision {parsed.GetValue(revision)}");
            return ExitCode.Done;
        });
    }

    public static Command Status() => new StoreOptions().On(new Command("status", "Says how the server is."), async (_, store, json, cancel) =>
    {
        var status = await store.AskAsync<EmptyRequest, StatusResponse>("Maintenance/Status", default, cancel);
        long? quota = status.DatabaseBytesQuota > 0 ? status.DatabaseBytesQuota : null;
        if (json)
        {
            StoreText.Print(
                new StatusObject(
                    store.Address.ToString().TrimEnd('/'), status.Header.Cluster.ToString(), status.Header.Member.ToString(), status.Version,
                    status.Header.Revision.Number, status.DatabaseBytesInUse, quota, status.RaftIndex, [.. status.Errors]),
                StoreJson.Default.StatusObject);
            return ExitCode.Done;
        }

        Console.WriteLine($"{store.Address}: cluster {status.Header.Cluster}, member {status.Header.Member}, like etcd {status.Version}");
        Console.WriteLine($"revision {status.Header.Revision}, {JobText.Bytes(status.DatabaseBytesInUse)}{(quota is { } most ? $" of {JobText.Bytes(most)}" : "")} in use");
        foreach (var error in status.Errors)
            Console.WriteLine($"trouble: {error}");
        return ExitCode.Done;
    });

    public static Command Alarms() => new("alarm", "Lists alarms, and takes them back.")
    {
        new StoreOptions().On(new Command("ls", "Lists standing alarms."), (_, store, json, cancel) => AlarmsAsync(store, json, false, cancel)),
        new StoreOptions().On(
            new Command("clear", "Takes back every alarm: after room was made, for NOSPACE."),
            (_, store, json, cancel) => AlarmsAsync(store, json, true, cancel)),
    };

    private static async Task<int> AlarmsAsync(StoreConnection store, bool json, bool clear, CancellationToken cancel)
    {
        var answer = await store.AskAsync<AlarmRequest, AlarmResponse>("Maintenance/Alarm", default, cancel);
        foreach (var alarm in clear ? answer.Alarms : [])
        {
            await store.AskAsync<AlarmRequest, AlarmResponse>(
                "Maintenance/Alarm", new(AlarmAction.Deactivate, alarm.Member, alarm.Alarm), cancel);
        }

        if (json)
        {
            StoreText.Print(new AlarmsObject([.. answer.Alarms.Select(alarm => new AlarmObject(alarm.Member.ToString(), Name(alarm.Alarm)))]), StoreJson.Default.AlarmsObject);
            return ExitCode.Done;
        }

        foreach (var alarm in answer.Alarms)
            Console.WriteLine($"{Name(alarm.Alarm)} of member {alarm.Member}{(clear ? ", taken back" : "")}");
        if (answer.Alarms.IsEmpty)
            Console.WriteLine("no alarm");
        return ExitCode.Done;
    }

    private static string Name(AlarmType alarm) => alarm switch
    {
        AlarmType.NoSpace => "NOSPACE",
        AlarmType.Corrupt => "CORRUPT",
        _ => $"{(int)alarm}",
    };
}
