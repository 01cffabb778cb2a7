using System.CommandLine;
using Muster.Codecs.Etcd;
using Muster.Primitives;

namespace Muster.Cli.Store;

/// <summary>`muster store txn`: guards, and what happens when all hold or one does not.</summary>
internal static class TransactionCommand
{
    public static Command Create()
    {
        var guards = new Option<string[]>("--if") { Description = "A guard, such as 'version(leader) = 0'; may be repeated, all must hold.", HelpName = "GUARD" };
        var then = new Option<string[]>("--then") { Description = "Done when they hold, such as 'put leader me'; may be repeated.", HelpName = "OPERATION" };
        var otherwise = new Option<string[]>("--else") { Description = "Done when one does not; may be repeated.", HelpName = "OPERATION" };
        var command = new Command("txn", "Does several operations at one revision, or others when a guard does not hold.") { guards, then, otherwise };
        return new StoreOptions().On(command, async (parsed, store, json, cancel) =>
        {
            var transaction = new Transaction(
                [.. (parsed.GetValue(guards) ?? []).Select(TransactionText.Guard)],
                [.. (parsed.GetValue(then) ?? []).Select(text => TransactionText.Operation("--then", text))],
                [.. (parsed.GetValue(otherwise) ?? []).Select(text => TransactionText.Operation("--else", text))]);
            var answer = await store.AskAsync<TxnRequest, TxnResponse>("KV/Txn", new(transaction), cancel);
            if (json)
                StoreText.Print(Results.Object(answer.Result), StoreJson.Default.TransactionObject);
            else
                Results.Write(answer.Result);
            return ExitCode.Done;
        });
    }
}
