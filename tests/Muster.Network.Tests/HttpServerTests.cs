using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Muster.Network.Http1;

namespace Muster.Network.Tests;

public sealed class HttpServerTests : IDisposable
{
    private static readonly HttpServerLimits Limits = new()
    {
        BodyBytesMax = 1000,
        ConnectionsMax = 8,
        LingerMax = TimeSpan.FromMilliseconds(200),
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("muster-http").FullName;
    private readonly List<Exception> _failures = [];
    private readonly TaskCompletionSource _aborted = new();
    private readonly HttpServer _server;

    public HttpServerTests()
    {
        var routes = new HttpRoutes()
            .Map("GET", "/hello/{name}", e => e.RespondAsync(200, "text/plain", Encoding.UTF8.GetBytes("hello " + e.Parameters["name"])).AsTask())
            .Map("POST", "/echo", async e => await e.RespondAsync(200, "text/plain", await e.Body.ReadToEndAsync()), HttpBody.Required)
            .Map("POST", "/lines", EchoLines, HttpBody.Stream)
            .Map("GET", "/forever", Forever)
            .Map("GET", "/fail", _ => throw new InvalidOperationException("ours"))
            .Map("DELETE", "/thing", e => e.RespondAsync(204, "", default).AsTask());
        _server = HttpServer.Listen(Address, routes.HandleAsync, (_, failure) => _failures.Add(failure), Limits);
    }

    private string Socket => $"{_folder}/s";

    private string Address => $"unix:{Socket}";

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_folder, true);
    }

    [Fact]
    public async Task A_request_is_answered()
    {
        using var answer = await HttpCaller.SendAsync(Address, "GET", "/hello/w%C3%B6rld?x=1");

        Assert.Equal((200, "hello wörld"), (answer.Status, await answer.ReadTextAsync()));
    }

    [Theory]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("POST", "/hello/x", 405)]
    [InlineData("GET", "/hello/", 404)]
    public async Task What_no_route_takes_is_refused_with_a_reason(string method, string target, int status)
    {
        using var answer = await HttpCaller.SendAsync(Address, method, target);

        Assert.Equal(status, answer.Status);
        Assert.StartsWith("{\"error\": \"", await answer.ReadTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_and_the_reason_arrives()
    {
        using var answer = await HttpCaller.SendAsync(Address, "POST", "/echo", new byte[4 << 20]);

        Assert.Equal(413, answer.Status);
        Assert.Contains("1000 bytes", await answer.ReadTextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET / HTTP/2.0\r\nHost: x\r\n\r\n", "505")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "411")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "400")]
    public void A_malformed_request_is_refused_by_status(string bytes, string status)
    {
        var answer = Raw(bytes);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_that_does_not_end_in_time_is_refused()
    {
        var hurried = Limits with { HeadWithin = TimeSpan.FromTicks(1) };
        using var server = HttpServer.Listen($"unix:{Socket}-hurried", _ => Task.CompletedTask, (_, failure) => _failures.Add(failure), hurried);

        var answer = Raw("GET /hello/x HTTP/1.1\r\nHos", Connect($"{Socket}-hurried"));

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_over_the_limit_is_refused()
    {
        Assert.StartsWith("HTTP/1.1 431 ", Raw("GET / HTTP/1.1\r\nHost: x\r\nX: " + new string('x', 20_000)), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 414 ", Raw($"GET /{new string('x', 5_000)} HTTP/1.1\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431 ",
            Raw("GET / HTTP/1.1\r\nHost: x\r\n" + string.Concat(Enumerable.Repeat("A: b\r\n", 64)) + "\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void One_connection_serves_many_requests_also_sent_ahead()
    {
        var request = "GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\n";
        var unread = "POST /hello/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345";   // 405: its body is dropped

        var answer = Raw(request + unread + request + "GET /hello/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.Equal(3, answer.Split("200 OK").Length - 1);
        Assert.EndsWith("hello last", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_over_the_limit_are_refused()
    {
        var idle = Enumerable.Range(0, Limits.ConnectionsMax).Select(_ => Connect()).ToList();
        foreach (var socket in idle)
        {
            socket.Send("GET /hello/x HTTP/1.1\r\nHost: x\r\n\r\n"u8);
            Assert.True(socket.Receive(new byte[1000]) > 0);   // so that each has been admitted
        }

        using var answer = await HttpCaller.SendAsync(Address, "GET", "/hello/x");

        Assert.Equal(503, answer.Status);
        idle.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public void Two_streams_run_against_each_other_on_one_connection()
    {
        using var socket = Connect();
        socket.Send("POST /lines HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"u8);
        var head = ReceiveUntil(socket, "\r\n\r\n");
        var echoes = new List<string>();

        for (var i = 0; i < 20; i++)
        {
            socket.Send(Encoding.ASCII.GetBytes($"7\r\nline{i:00}\n\r\n"));
            echoes.Add(ReceiveUntil(socket, $"line{i:00}\n\r\n"));   // the answer comes before the next line is sent
        }

        socket.Send("0\r\n\r\n"u8);
        Assert.Contains("chunked", head, StringComparison.Ordinal);
        Assert.EndsWith("0\r\n\r\n", ReceiveUntil(socket, "0\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal(20, echoes.Count);
    }

    [Fact]
    public async Task A_handler_learns_that_its_client_has_gone()
    {
        using (var answer = await HttpCaller.SendAsync(Address, "GET", "/forever"))
            Assert.Equal("1", Encoding.ASCII.GetString((await answer.Body.ReadLineAsync(100))!));

        await _aborted.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_handlers_failure_goes_to_the_top_and_breaks_the_connection()
    {
        await Assert.ThrowsAsync<HttpPeerException>(() => HttpCaller.SendAsync(Address, "GET", "/fail"));

        Assert.Equal("ours", Assert.Single(_failures).Message);
    }

    [Fact]
    public async Task Dotnets_client_gets_on_with_it()
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new NetworkStream(Connect(), true)),
        };
        using var client = new HttpClient(handler) { BaseAddress = new Uri("http://localhost/") };

        var hello = await client.GetStringAsync(new Uri("hello/dotnet", UriKind.Relative));
        using var echo = await client.PostAsync(new Uri("echo", UriKind.Relative), new StringContent("body"));
        using var gone = await client.DeleteAsync(new Uri("thing", UriKind.Relative));

        Assert.Equal(("hello dotnet", "body", 204), (hello, await echo.Content.ReadAsStringAsync(), (int)gone.StatusCode));
    }

    [Theory]
    [InlineData("curl -sS --unix-socket SOCKET http://x/hello/curl", "hello curl")]
    [InlineData("curl -sS --unix-socket SOCKET -d abc http://x/echo http://x/echo", "abcabc")]
    [InlineData("printf 'a\\nb\\n' | curl -sS --unix-socket SOCKET -T - -X POST http://x/lines", "a\nb\n")]
    [InlineData("curl -sS --unix-socket SOCKET -H 'Expect: 100-continue' -d abc http://x/echo", "abc")]
    [InlineData("head -c 3000000 /dev/zero | curl -sS --unix-socket SOCKET --data-binary @- -o /dev/null -w '%{http_code}' http://x/echo", "413")]
    public void Curl_gets_on_with_it(string command, string output)
    {
        Assert.Equal(output, Shell(command.Replace("SOCKET", Socket, StringComparison.Ordinal)));
    }

    [Fact]
    public void Pythons_client_gets_on_with_it()
    {
        var script = $"""
            import http.client, socket
            class C(http.client.HTTPConnection):
                def connect(self):
                    self.sock = socket.socket(socket.AF_UNIX); self.sock.connect("{Socket}")
            c = C("localhost")
            c.request("GET", "/hello/python"); print(c.getresponse().read().decode())
            c.request("POST", "/echo", iter([b"a", b"b"]), encode_chunked=True, headers=dict([("Transfer-Encoding", "chunked")])); print(c.getresponse().read().decode())
            c.request("DELETE", "/thing"); print(c.getresponse().status)
            """;
        var file = $"{_folder}/client.py";
        File.WriteAllText(file, script);

        Assert.Equal("hello python\nab\n204\n", Shell($"python3 {file}"));
    }

    private static async Task EchoLines(HttpExchange exchange)
    {
        await exchange.StartStreamAsync(200, "text/plain");
        while (await exchange.Body.ReadLineAsync(1000) is { } line)
            await exchange.WriteAsync((byte[])[.. line, (byte)'\n']);
    }

    private async Task Forever(HttpExchange exchange)
    {
        await exchange.StartStreamAsync(200, "text/plain");
        await exchange.WriteAsync("1\n"u8.ToArray());
        try
        {
            await Task.Delay(Timeout.Infinite, exchange.Aborted);
        }
        catch (OperationCanceledException)
        {
            _aborted.SetResult();
            throw;
        }
    }

    private Socket Connect() => Connect(Socket);

    private static Socket Connect(string file)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
        socket.Connect(new UnixDomainSocketEndPoint(file));
        return socket;
    }

    private string Raw(string bytes) => Raw(bytes, Connect());

    private static string Raw(string bytes, Socket connected)
    {
        using var socket = connected;
        socket.Send(Encoding.Latin1.GetBytes(bytes));
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int count; (count = socket.Receive(buffer)) > 0;)
                answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // What it sent beyond the refusal was dropped with the connection.
        }

        return answer.ToString();
    }

    private static string ReceiveUntil(Socket socket, string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal) && socket.Receive(buffer) > 0)
            text.Append((char)buffer[0]);
        return text.ToString();
    }

    private static string Shell(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = shell.StandardOutput.ReadToEnd();
        var error = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        return error.Length == 0 ? output : output + error;
    }
}
