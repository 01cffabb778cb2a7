using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Muster.Worker.Tests.Keeper;

/// <summary>A keeper that speaks docs/worker-api.md over a plain socket, and does as the test says.</summary>
internal sealed class FakeKeeper : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly object _lock = new();
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("mk");
    private readonly List<JsonNode> _lines = [];
    private readonly List<string> _asked = [];
    private readonly List<Socket> _connections = [];
    private readonly Dictionary<long, string> _begun = [];
    private string _wish = """{"committed": null, "durable": null, "request": null}""";
    private int _wishes;
    private Socket? _listener;

    public FakeKeeper() => Start();

    public string Path => System.IO.Path.Combine(_root.FullName, "worker.sock");

    public JsonObject Run { get; } = JsonNode.Parse("""
        {"version": 1, "job": "fake", "rank": 0, "world_size": 1, "local_rank": 0, "local_world_size": 1, "node_rank": 0,
         "generation": 3, "attempt": 1, "checkpoint": {"every": 0, "uncommitted": 2}, "restore": null, "of the future": 1}
        """)!.AsObject();

    public string? Shards { get; set; }

    public bool Full { get; set; }

    public bool NoSpace { get; set; }

    /// <summary>Whether a step that was given up cannot be begun again.</summary>
    public bool Strict { get; set; }

    public bool LoseBeginAnswer { get; set; }

    public ManualResetEventSlim AllowBegin { get; } = new(true);

    public ManualResetEventSlim Drain { get; } = new(true);

    public SortedDictionary<long, SortedDictionary<string, byte[]>> Done { get; } = [];

    public List<long> GivenUp { get; } = [];

    public int StreamsEnded { get; private set; }

    public IReadOnlyList<JsonNode> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    public long Every
    {
        set => Run["checkpoint"]!["every"] = value;
    }

    public void Start()
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path));
        listener.Listen(64);
        _listener = listener;
        Background(() => Accept(listener));
    }

    /// <summary>Every connection ends and nobody listens, until <see cref="Start"/>.</summary>
    public void GoAway()
    {
        File.Delete(Path);
        _listener!.Dispose();
        lock (_lock)
        {
            _connections.ForEach(connection => connection.Dispose());
            _connections.Clear();
            _lines.Clear();
            Monitor.PulseAll(_lock);
        }
    }

    public void Dispose()
    {
        if (File.Exists(Path))
            GoAway();
        _root.Delete(recursive: true);
    }

    public void AlreadyBegun(long step) => _begun[step] = _root.FullName;

    public void Wish(string? request)
    {
        lock (_lock)
        {
            _wish = $$"""{"committed": null, "durable": null, "request": {{request ?? "null"}}}""";
            _wishes++;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits until a report line holds all of these members.</summary>
    public void WaitForLine(string members)
    {
        var wanted = JsonNode.Parse(members)!.AsObject();
        WaitFor(() => _lines.Any(line => wanted.All(member => JsonNode.DeepEquals(line[member.Key], member.Value))), members);
    }

    public void WaitForRequest(string request) => WaitFor(() => _asked.Contains(request), request);

    private void WaitFor(Func<bool> condition, string what)
    {
        var end = DateTime.UtcNow + Patience;
        lock (_lock)
        {
            while (!condition())
            {
                if (DateTime.UtcNow > end)
                    throw new TimeoutException($"{what} did not happen; lines: {string.Join(" ", _lines.TakeLast(8).Select(l => l.ToJsonString()))}; asked: {string.Join(", ", _asked.TakeLast(8))}");
                Monitor.Wait(_lock, 100);
            }
        }
    }

    private static void Background(Action work) => new Thread(() =>
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // the connection ended
        }
    }) { IsBackground = true }.Start();

    private void Accept(Socket listener)
    {
        while (true)
        {
            var connection = listener.Accept();
            lock (_lock)
                _connections.Add(connection);
            Background(() => Serve(connection));
        }
    }

    private void Serve(Socket connection)
    {
        using var stream = new BufferedStream(new NetworkStream(connection, ownsSocket: true));
        var head = ReadLine(stream).Split(' ');
        var length = 0;
        for (string line; (line = ReadLine(stream)).Length > 0;)
        {
            if (line.StartsWith("Content-Length:", StringComparison.Ordinal))
                length = int.Parse(line.Split(':')[1]);
        }

        lock (_lock)
        {
            _asked.Add($"{head[0]} {head[1]}");
            Monitor.PulseAll(_lock);
        }

        if (head[1] == "/v1/reports")
            Reports(stream);
        else if (head[1] == "/v1/requests")
            Requests(connection, stream);
        else if (Answer(head[0], head[1], Read(stream, length)) is var (status, body))
            Reply(stream, status, body);
    }

    private (int, string)? Answer(string method, string path, string body)
    {
        if (path is "/v1/join" or "/v1/run")
            return (200, Run.ToJsonString());
        if (path == "/v1/shards")
            return Shards is null ? (404, """{"error": "no checkpoint"}""") : (200, Shards);
        if (path == "/v1/checkpoints")
            return Begin(JsonNode.Parse(body)!["step"]!.GetValue<long>());
        var step = long.Parse(path.Split('/')[3]);
        return method == "DELETE" ? GiveUp(step) : Complete(step);
    }

    private (int, string)? Begin(long step)
    {
        AllowBegin.Wait(Patience);
        lock (_lock)
        {
            if (NoSpace)
                return (507, """{"error": "No space left on device"}""");
            if (_begun.ContainsKey(step) || (Strict && GivenUp.Contains(step)))
                return (409, $$"""{"error": "step {{step}} was begun already"}""");
            var directory = _root.CreateSubdirectory($"{step}.{_asked.Count}").FullName;
            _begun[step] = directory;
            Monitor.PulseAll(_lock);
            var lose = LoseBeginAnswer;
            LoseBeginAnswer = false;
            return lose ? null : (201, $$"""{"directory": "{{directory}}"}""");
        }
    }

    private (int, string) GiveUp(long step)
    {
        lock (_lock)
        {
            GivenUp.Add(step);
            if (_begun.Remove(step, out var directory))
                Directory.Delete(directory, recursive: true);
            return (204, "");
        }
    }

    private (int, string) Complete(long step)
    {
        if (Full)
            return (507, """{"error": "No space left on device"}""");
        lock (_lock)
        {
            Done[step] = [];
            foreach (var file in Directory.EnumerateFiles(_begun[step]))
                Done[step][System.IO.Path.GetFileName(file)] = File.ReadAllBytes(file);
            return (200, """{"bytes": 0, "files": []}""");
        }
    }

    private void Reports(Stream stream)
    {
        while (true)
        {
            Drain.Wait(TimeSpan.FromMinutes(1));
            var size = Convert.ToInt32(ReadLine(stream), 16);
            var content = Read(stream, size);
            ReadLine(stream);
            lock (_lock)
            {
                _lines.AddRange(content.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!));
                StreamsEnded += size == 0 ? 1 : 0;
                Monitor.PulseAll(_lock);
            }

            if (size == 0)
            {
                Reply(stream, 204, "");
                return;
            }
        }
    }

    private void Requests(Socket connection, Stream stream)
    {
        stream.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8);
        for (var sent = -1; ;)
        {
            string wish;
            lock (_lock)
            {
                while (_wishes == sent && _connections.Contains(connection))
                    Monitor.Wait(_lock);
                if (!_connections.Contains(connection))
                    return;
                (sent, wish) = (_wishes, _wish);
            }

            stream.Write(Encoding.UTF8.GetBytes($"{wish.Length + 1:x}\r\n{wish}\n\r\n"));
            stream.Flush();
        }
    }

    private static void Reply(Stream stream, int status, string body)
    {
        stream.Write(Encoding.UTF8.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
        stream.Flush();
    }

    private static string ReadLine(Stream stream)
    {
        var line = new StringBuilder();
        for (int b; (b = stream.ReadByte()) != '\n';)
        {
            if (b < 0)
                throw new EndOfStreamException();
            if (b != '\r')
                line.Append((char)b);
        }

        return line.ToString();
    }

    private static string Read(Stream stream, int length)
    {
        var content = new byte[length];
        stream.ReadExactly(content);
        return Encoding.UTF8.GetString(content);
    }
}
