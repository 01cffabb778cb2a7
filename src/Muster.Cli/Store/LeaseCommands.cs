using System.CommandLine;
using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Cli.Store;

/// <summary>`muster store lease`.</summary>
internal static class LeaseCommands
{
    public static Command Create() => new("lease", "Grants, keeps, shows and revokes leases.") { Grant(), Revoke(), Keep(), List(), Show() };

    private static Argument<string> Id() => new("ID") { Description = "The lease, as it was printed." };

    private static Command Grant()
    {
        var seconds = new Argument<long>("SECONDS") { Description = "Its term." };
        return new StoreOptions().On(new Command("grant", "Grants a lease.") { seconds }, async (parsed, store, json, cancel) =>
        {
            var answer = await store.AskAsync<LeaseGrantRequest, LeaseGrantResponse>("Lease/LeaseGrant", new(parsed.GetValue(seconds), default), cancel);
            if (json)
                StoreText.Print(new LeaseObject(answer.Lease.ToString(), answer.Seconds, null, null), StoreJson.Default.LeaseObject);
            else
                Console.WriteLine($"{answer.Lease}\t{answer.Seconds} s");
            return ExitCode.Done;
        });
    }

    private static Command Revoke()
    {
        var id = Id();
        return new StoreOptions().On(new Command("revoke", "Ends a lease and deletes its keys.") { id }, async (parsed, store, json, cancel) =>
        {
            var answer = await store.AskAsync<LeaseRequest, HeaderResponse>("Lease/LeaseRevoke", new(StoreText.Lease(parsed.GetValue(id)!)), cancel);
            if (json)
                StoreText.Print(new DoneObject(true, answer.Header.Revision.Number), StoreJson.Default.DoneObject);
            else
                Console.WriteLine($"revoked at revision {answer.Header.Revision}");
            return ExitCode.Done;
        });
    }

    private static Command Keep()
    {
        var id = Id();
        var once = new Option<bool>("--once") { Description = "Start its term again once, and end." };
        return new StoreOptions().On(new Command("keep", "Keeps a lease alive until Ctrl-C.") { id, once }, async (parsed, store, json, cancel) =>
        {
            var lease = StoreText.Lease(parsed.GetValue(id)!);
            try
            {
                await using var stream = store.Open("Lease/LeaseKeepAlive", cancel);
                while (true)
                {
                    await stream.WriteAsync(Proto.Encode(new LeaseRequest(lease)));
                    if (await stream.ReadAsync() is not { } bytes)
                        throw new CliException(ExitCode.Infrastructure, $"the store at {store.Address} ended the stream");
                    var kept = Proto.Decode<LeaseKeepAliveResponse>(bytes.Span);
                    if (kept.Seconds <= 0)
                        throw new CliException(ExitCode.Refused, $"lease {lease} has ended");
                    Say(kept, json);
                    if (parsed.GetValue(once))
                        return ExitCode.Done;
                    await Task.Delay(TimeSpan.FromSeconds(Math.Min(kept.Seconds / 3.0, 3600)), TimeProvider.System, cancel);
                }
            }
            catch (GrpcException refused)
            {
                throw store.Told(refused);
            }
        });
    }

    private static void Say(LeaseKeepAliveResponse kept, bool json)
    {
        if (json)
            StoreText.Print(new LeaseObject(kept.Lease.ToString(), kept.Seconds, null, null), StoreJson.Default.LeaseObject);
        else
            Console.WriteLine($"{kept.Lease}\tkept for {kept.Seconds} s");
    }

    private static Command List() => new StoreOptions().On(new Command("ls", "Lists leases."), async (_, store, json, cancel) =>
    {
        var answer = await store.AskAsync<EmptyRequest, LeaseLeasesResponse>("Lease/LeaseLeases", default, cancel);
        if (json)
            StoreText.Print(new LeasesObject([.. answer.Leases.Select(lease => lease.ToString())]), StoreJson.Default.LeasesObject);
        foreach (var lease in json ? [] : answer.Leases)
            Console.WriteLine(lease);
        return ExitCode.Done;
    });

    private static Command Show()
    {
        var id = Id();
        return new StoreOptions().On(new Command("show", "Shows what is left of a lease, and its keys.") { id }, async (parsed, store, json, cancel) =>
        {
            var answer = await store.AskAsync<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse>(
                "Lease/LeaseTimeToLive", new(StoreText.Lease(parsed.GetValue(id)!), WithKeys: true), cancel);
            if (answer.GrantedSeconds == 0)
                throw new CliException(ExitCode.Refused, $"there is no lease {answer.Lease}, or it has ended");
            string[] keys = [.. answer.Keys.Select(StoreText.Shown)];
            if (json)
                StoreText.Print(new LeaseObject(answer.Lease.ToString(), answer.GrantedSeconds, answer.Seconds, keys), StoreJson.Default.LeaseObject);
            else
                Console.WriteLine($"{answer.Lease}\t{answer.Seconds} of {answer.GrantedSeconds} s left\t{string.Join(' ', keys)}");
            return ExitCode.Done;
        });
    }
}
