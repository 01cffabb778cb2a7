using System.CommandLine;
using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Cli.Store;

/// <summary>`muster store watch`: every change of some keys, as it happens.</summary>
internal static class WatchCommand
{
    public static System.CommandLine.Command Create()
    {
        var keys = new KeyOptions();
        var from = new Option<long>("--rev") { Description = "First revision to print; what comes from now on where not given." };
        var previous = new Option<bool>("--prev") { Description = "Print what was there before, too." };
        var count = new Option<long>("--count") { Description = "End after so many changes; 0: at Ctrl-C." };
        var command = keys.On(new System.CommandLine.Command("watch", "Prints changes of keys until Ctrl-C, across losses of the connection.") { from, previous, count });
        return new StoreOptions().On(command, async (parsed, store, json, cancel) =>
        {
            var filter = new WatchFilter(keys.Range(parsed)) { ReturnPrevious = parsed.GetValue(previous) };
            var left = parsed.GetValue(count) is > 0 and var wanted ? wanted : long.MaxValue;
            await FollowAsync(store, filter, new(parsed.GetValue(from)), json, left, cancel);
            return ExitCode.Done;
        });
    }

    /// <summary>Goes on behind the last revision printed when the connection is lost.</summary>
    private static async Task FollowAsync(StoreConnection store, WatchFilter filter, Revision from, bool json, long left, CancellationToken cancel)
    {
        while (left > 0)
        {
            try
            {
                await using var stream = store.Open("Watch/Watch", cancel);
                await stream.WriteAsync(Proto.Encode<WatchRequest>(new WatchRequest.Create(filter, from, 0)));
                while (left > 0 && await stream.ReadAsync() is { } bytes)
                {
                    var response = Proto.Decode<WatchResponse>(bytes.Span);
                    RequireGoingOn(response);
                    // What comes from now on: once told where now is, a lost connection loses nothing.
                    from = response.IsCreated && from == Revision.None ? response.Header.Revision.Next() : from;
                    foreach (var change in response.Events.Take((int)Math.Min(left, int.MaxValue)))
                        Write(change, json);
                    left -= response.Events.Length;
                    from = response.Events.IsEmpty ? from : response.Events[^1].Key.Modified.Next();
                }
            }
            catch (GrpcException lost) when (lost.Code == GrpcCode.Unavailable && from != Revision.None)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancel);
            }
            catch (GrpcException refused)
            {
                throw store.Told(refused);
            }
        }
    }

    private static void RequireGoingOn(WatchResponse response)
    {
        if (!response.IsCanceled)
            return;
        throw response.Compacted.Number > 0
            ? new CliException(ExitCode.Refused, $"changes before revision {response.Compacted} were compacted away: read the keys and watch from now on")
            : new CliException(ExitCode.Refused, $"refused: {(response.CancelReason.Length > 0 ? response.CancelReason : "the server ended the watch")}");
    }

    private static void Write(WatchEvent change, bool json)
    {
        var kind = change.IsDelete ? "delete" : change.IsCreate ? "create" : "put";
        if (json)
        {
            StoreText.Print(
                new EventObject(kind, change.Key.Modified.Number, StoreText.Object(change.Key), change.Previous is { } before ? StoreText.Object(before) : null),
                StoreJson.Default.EventObject);
            return;
        }

        var was = change.Previous is { } previous ? $"\twas {StoreText.Shown(previous.Value)}" : "";
        Console.WriteLine($"{change.Key.Modified}\t{kind}\t{StoreText.Shown(change.Key.Key)}\t{StoreText.Shown(change.Key.Value)}{was}");
    }
}
