using System.CommandLine;
using Muster.Codecs.Etcd;
using Muster.Primitives;

namespace Muster.Cli.Store;

/// <summary>`muster store get|put|del`.</summary>
internal static class KeyCommands
{
    public static Command Get()
    {
        var keys = new KeyOptions();
        var limit = new Option<long>("--limit") { Description = "Most keys to print; 0: all." };
        var revision = new Option<long>("--rev") { Description = "The state at an older revision." };
        var order = new Option<string>("--order") { Description = "asc or desc.", DefaultValueFactory = _ => "asc", HelpName = "asc|desc" };
        var sortBy = new Option<string>("--sort-by") { Description = "What to sort by.", DefaultValueFactory = _ => "key", HelpName = "key|version|create|modify|value" };
        var keysOnly = new Option<bool>("--keys-only") { Description = "Print no values." };
        var valuesOnly = new Option<bool>("--values-only") { Description = "Print values as they are and nothing else." };
        var count = new Option<bool>("--count") { Description = "Print only how many keys there are." };
        var command = keys.On(new Command("get", "Prints keys.") { limit, revision, order, sortBy, keysOnly, valuesOnly, count });
        return new StoreOptions().On(command, async (parsed, store, json, cancel) =>
        {
            var range = new Operation.Range(keys.Range(parsed))
            {
                Limit = parsed.GetValue(limit), At = new(parsed.GetValue(revision)), KeysOnly = parsed.GetValue(keysOnly), CountOnly = parsed.GetValue(count),
                Order = Order(parsed.GetValue(order)!), SortBy = Target(parsed.GetValue(sortBy)!),
            };
            var answer = await store.AskAsync<RangeRequest, RangeResponse>("KV/Range", new(range), cancel);
            if (json)
                StoreText.Print(Results.Object(answer.Range, answer.Header.Revision), StoreJson.Default.RangeObject);
            else if (parsed.GetValue(count))
                Console.WriteLine(answer.Range.Count);
            else
                Results.Write(answer.Range, parsed.GetValue(keysOnly), parsed.GetValue(valuesOnly));
            return ExitCode.Done;
        });
    }

    public static Command Put()
    {
        var key = new Argument<string>("KEY") { Description = "The key." };
        var value = new Argument<string>("VALUE") { Description = "The value; - reads it from standard input." };
        var lease = new Option<string?>("--lease") { Description = "The lease that deletes it.", HelpName = "ID" };
        var previous = new Option<bool>("--prev") { Description = "Print what was there before." };
        return new StoreOptions().On(new Command("put", "Writes a key.") { key, value, lease, previous }, async (parsed, store, json, cancel) =>
        {
            var put = new Operation.Put(
                ByteString.From(parsed.GetValue(key)!), await ValueAsync(parsed.GetValue(value)!, cancel),
                parsed.GetValue(lease) is { } id ? StoreText.Lease(id) : default) { ReturnPrevious = parsed.GetValue(previous) };
            var answer = await store.AskAsync<PutRequest, PutResponse>("KV/Put", new(put), cancel);
            if (json)
                StoreText.Print(Results.Object(answer.Put, answer.Header.Revision), StoreJson.Default.PutObject);
            else
                Results.Write(answer.Put, answer.Header.Revision);
            return ExitCode.Done;
        });
    }

    public static Command Delete()
    {
        var keys = new KeyOptions();
        var previous = new Option<bool>("--prev") { Description = "Print what was there." };
        return new StoreOptions().On(keys.On(new Command("del", "Deletes keys.") { previous }), async (parsed, store, json, cancel) =>
        {
            var delete = new Operation.Delete(keys.Range(parsed)) { ReturnPrevious = parsed.GetValue(previous) };
            var answer = await store.AskAsync<DeleteRangeRequest, DeleteRangeResponse>("KV/DeleteRange", new(delete), cancel);
            if (json)
                StoreText.Print(Results.Object(answer.Delete, answer.Header.Revision), StoreJson.Default.DeleteObject);
            else
                Results.Write(answer.Delete, answer.Header.Revision);
            return ExitCode.Done;
        });
    }

    private static async Task<ByteString> ValueAsync(string value, CancellationToken cancel)
    {
        if (value != "-")
            return ByteString.From(value);
        using var all = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(all, cancel);
        return new(all.ToArray());
    }

    private static SortOrder Order(string text) => text switch
    {
        "asc" => SortOrder.Ascending,
        "desc" => SortOrder.Descending,
        _ => throw new CliException(ExitCode.Usage, $"--order {text}: choose asc or desc"),
    };

    private static SortTarget Target(string text) => text switch
    {
        "key" => SortTarget.Key,
        "version" => SortTarget.Version,
        "create" => SortTarget.CreateRevision,
        "modify" => SortTarget.ModifyRevision,
        "value" => SortTarget.Value,
        _ => throw new CliException(ExitCode.Usage, $"--sort-by {text}: choose key, version, create, modify or value"),
    };
}
