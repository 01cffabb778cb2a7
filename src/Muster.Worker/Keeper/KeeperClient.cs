using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Muster.Worker.Checkpoints;

namespace Muster.Worker.Keeper;

/// <summary>The requests that have an answer each: join, checkpoints, shards.</summary>
internal sealed class KeeperClient(string socket) : ICheckpointHome
{
    private const int VersionSpoken = 1;
    private static readonly TimeSpan GiveUpPatience = TimeSpan.FromSeconds(5);

    /// <summary>Joins the run. The answer comes when the checkpoint to resume from was found whole, which may take long.</summary>
    /// <exception cref="KeeperUnreachableException">Nobody answered within <paramref name="patience"/>.</exception>
    public RunFacts Join(TimeSpan patience)
    {
        var reply = Ask("POST", "/v1/join", """{"client": "dotnet 0.1"}""", patience);
        return KeeperJson.Read(reply.OrRefused("to let this process join"), RunObject);
    }

    public Begun Begin(long step, bool background)
    {
        var body = $$"""{"step": {{step}}, "background": {{(background ? "true" : "false")}}}""";
        var reply = Ask("POST", "/v1/checkpoints", body);
        if (reply is { Status: 409, Repeated: true })
        {
            // The first answer was lost with its connection: give that directory up and begin anew.
            GiveUp(step);
            reply = Ask("POST", "/v1/checkpoints", body);
            if (reply.Status == 409)
                return new Begun(null, $"the keeper's answer was lost with its connection ({reply.Why})");
        }

        if (reply.Status == 507)
            return new Begun(null, reply.Why);
        return new Begun(KeeperJson.Read(
            reply.OrRefused($"the checkpoint of step {step}"), answer => answer.GetProperty("directory").GetString()!), null);
    }

    public string? Complete(long step, bool background)
    {
        var reply = Ask("POST", $"/v1/checkpoints/{step}/done", "{}");
        if (reply.Status == 507)
            return reply.Why;
        if (reply is not { Status: 409, Repeated: true })    // 409 to a repeated request: the first one was heard
            reply.OrRefused($"the end of the checkpoint of step {step}");
        return null;
    }

    public void GiveUp(long step)
    {
        try
        {
            Ask("DELETE", $"/v1/checkpoints/{step}", null, GiveUpPatience);
        }
        catch (KeeperUnreachableException)
        {
            // Never completed, so never committed: whatever the keeper is, it sweeps the directory.
        }
    }

    public IReadOnlyList<ShardDirectory> Shards()
    {
        var reply = Ask("GET", "/v1/shards", null);
        if (reply.Status == 404)
            return [];
        return KeeperJson.Read(reply.OrRefused("the list of shards"), ShardList);
    }

    /// <summary>Tells that the checkpoint could not be loaded, on the way out of the program.</summary>
    public void TellRestoreFailed(ReadOnlySpan<byte> lines)
    {
        using var connection = HttpConnection.Open(socket);
        connection.HoldMax(WorkerLimits.FarewellMax);
        connection.SilenceMax(WorkerLimits.FarewellMax);
        connection.BeginChunked("POST", "/v1/reports");
        connection.SendChunk(lines);
        connection.SendChunk([]);
        connection.ReadHead();
    }

    private Reply Ask(string method, string path, string? body, TimeSpan? patience = null)
    {
        var pause = WorkerLimits.PauseMin;
        for (var waited = TimeSpan.Zero; ; waited += pause, pause = Longer(pause))
        {
            try
            {
                using var connection = HttpConnection.Open(socket);
                connection.Send(method, path, body);
                connection.ReadHead();
                return new Reply(connection.Status, connection.ReadBody(), waited > TimeSpan.Zero);
            }
            catch (Exception away) when (away is SocketException or IOException)
            {
                if (waited >= patience)
                {
                    throw new KeeperUnreachableException(
                        $"Muster's keeper did not answer on {socket} (MUSTER_SOCKET) within {patience.Value.TotalSeconds:0} s: {away.Message}. "
                        + "Start the program with `muster run`, or unset MUSTER_SOCKET to run it alone.", away);
                }

                Thread.Sleep(pause);
            }
        }
    }

    internal static TimeSpan Longer(TimeSpan pause) => pause * 2 < WorkerLimits.PauseMax ? pause * 2 : WorkerLimits.PauseMax;

    private static RunFacts RunObject(JsonElement run)
    {
        var version = run.GetProperty("version").GetInt32();
        if (version != VersionSpoken)
        {
            throw new KeeperUnreachableException(
                $"Muster's keeper speaks version {version} of the worker API and this Muster.Worker speaks {VersionSpoken}: "
                + "build the program with the Muster.Worker that belongs to the installed muster.");
        }

        return new RunFacts(
            run.GetProperty("job").GetString()!, run.GetProperty("rank").GetInt32(), run.GetProperty("world_size").GetInt32(),
            run.GetProperty("local_rank").GetInt32(), run.GetProperty("local_world_size").GetInt32(), run.GetProperty("node_rank").GetInt32(),
            run.GetProperty("generation").GetInt64(), run.GetProperty("attempt").GetInt32(),
            run.GetProperty("checkpoint").GetProperty("every").GetInt64(),
            run.TryGetProperty("restore", out var restore) && restore.ValueKind == JsonValueKind.Object
                ? new RestoreFacts(
                    restore.GetProperty("step").GetInt64(), restore.GetProperty("world_size").GetInt32(),
                    restore.TryGetProperty("directory", out var directory) ? directory.GetString() : null)
                : null);
    }

    private static IReadOnlyList<ShardDirectory> ShardList(JsonElement answer)
    {
        var step = answer.GetProperty("step").GetInt64();
        return [.. answer.GetProperty("shards").EnumerateArray()
            .Select(shard => new ShardDirectory(shard.GetProperty("rank").GetInt32(), step, shard.GetProperty("directory").GetString()!))
            .OrderBy(shard => shard.Rank)];
    }

    private readonly record struct Reply(int Status, byte[] Body, bool Repeated)
    {
        public string Why => KeeperJson.Why(Encoding.UTF8.GetString(Body));

        /// <exception cref="KeeperRefusedException">The status is not 2xx.</exception>
        public byte[] OrRefused(string request) =>
            Status is >= 200 and < 300 ? Body : throw new KeeperRefusedException(request, Status, Why);
    }
}
