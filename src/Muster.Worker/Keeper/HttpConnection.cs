using System.Net.Sockets;
using System.Text;

namespace Muster.Worker.Keeper;

/// <summary>One HTTP/1.1 exchange over the worker's Unix socket.</summary>
/// <remarks>Hand-written because it is all a training program needs: HttpClient costs a start-up more than this whole client.</remarks>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private bool _chunked;
    private long _left;          // bytes left in the body or, when chunked, in the present chunk; -1: until the stream ends
    private bool _ended;

    private HttpConnection(Socket socket) => _socket = socket;

    /// <summary>The answer's status, once its head was read.</summary>
    public int Status { get; private set; }

    /// <exception cref="SocketException">Nobody listens.</exception>
    public static HttpConnection Open(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new HttpConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Longest silence that a read endures; zero: any.</summary>
    public void SilenceMax(TimeSpan silence) => _socket.ReceiveTimeout = (int)silence.TotalMilliseconds;

    /// <summary>Longest that a write may be held up; zero: any.</summary>
    public void HoldMax(TimeSpan hold) => _socket.SendTimeout = (int)hold.TotalMilliseconds;

    /// <summary>Whether there is something to read, be it the end.</summary>
    public bool HasNews => _start < _end || _socket.Poll(0, SelectMode.SelectRead);

    /// <summary>Sends a request whole; <paramref name="body"/> null: none.</summary>
    public void Send(string method, string path, string? body)
    {
        var length = body is null ? 0 : Encoding.UTF8.GetByteCount(body);
        var type = body is null ? "" : "Content-Type: application/json\r\n";
        SendAll(Encoding.UTF8.GetBytes(
            $"{method} {path} HTTP/1.1\r\nHost: muster\r\nConnection: close\r\n{type}Content-Length: {length}\r\n\r\n{body}"));
    }

    /// <summary>Begins a request whose body is sent in chunks.</summary>
    public void BeginChunked(string method, string path) => SendAll(Encoding.UTF8.GetBytes(
        $"{method} {path} HTTP/1.1\r\nHost: muster\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"));

    /// <summary>Sends one chunk; an empty one ends the body.</summary>
    public void SendChunk(ReadOnlySpan<byte> bytes)
    {
        SendAll(Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"));
        SendAll(bytes);
        SendAll("\r\n"u8);
    }

    /// <summary>Reads the answer's head, passing over interim answers (1xx).</summary>
    public void ReadHead()
    {
        do
            ReadOneHead();
        while (Status is >= 100 and < 200);
    }

    /// <summary>The rest of the body.</summary>
    public byte[] ReadBody()
    {
        var body = new MemoryStream();
        for (int b; (b = ReadByte()) >= 0;)
        {
            if (body.Length >= WorkerLimits.BodyBytesMax)
                throw Broken($"sent a body of more than {WorkerLimits.BodyBytesMax} bytes");
            body.WriteByte((byte)b);
        }

        return body.ToArray();
    }

    /// <summary>The body's next line, without its end; null at the end of the body.</summary>
    public byte[]? ReadLine()
    {
        var line = new MemoryStream();
        for (int b; (b = ReadByte()) >= 0;)
        {
            if (b == '\n')
                return line.ToArray();
            if (line.Length >= WorkerLimits.LineBytesMax)
                throw Broken($"sent a line of more than {WorkerLimits.LineBytesMax} bytes");
            line.WriteByte((byte)b);
        }

        return line.Length > 0 ? line.ToArray() : null;
    }

    public void Dispose() => _socket.Dispose();

    private void ReadOneHead()
    {
        var status = ReadHeadLine().Split(' ', 3);
        if (status.Length < 2 || !status[0].StartsWith("HTTP/1.", StringComparison.Ordinal) || !int.TryParse(status[1], out var code))
            throw Broken("did not answer with HTTP/1.1");
        (Status, _chunked, _left) = (code, false, code is 204 or 304 or < 200 ? 0 : -1);
        var bytes = 0;
        for (string line; (line = ReadHeadLine()).Length > 0;)
        {
            if ((bytes += line.Length) > WorkerLimits.HeadBytesMax)
                throw Broken($"sent a head of more than {WorkerLimits.HeadBytesMax} bytes");
            var colon = line.IndexOf(':');
            if (colon < 0)
                throw Broken($"sent the header '{line}' without a colon");
            Header(line[..colon].Trim(), line[(colon + 1)..].Trim());
        }

        if (_chunked)
            _left = 0;
        _ended = !_chunked && _left == 0;
    }

    private void Header(string name, string value)
    {
        if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            _chunked = value.EndsWith("chunked", StringComparison.OrdinalIgnoreCase);
        else if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) && _left != 0)
            _left = long.TryParse(value, out var length) && length >= 0 ? length : throw Broken($"sent the length '{value}'");
    }

    private int ReadByte()
    {
        if (_ended)
            return -1;
        if (_left == 0 && !NextChunk())
            return -1;
        var b = RawByte();
        if (b < 0)
            return _left < 0 ? EndBody() : throw Broken("hung up in the middle of a body");
        if (_left > 0 && --_left == 0)
            AfterPart();
        return b;
    }

    private int EndBody()
    {
        _ended = true;
        return -1;
    }

    private void AfterPart()
    {
        if (_chunked)
            ReadHeadLine();      // the end of the chunk's line
        else
            _ended = true;
    }

    private bool NextChunk()
    {
        var line = ReadHeadLine();
        var size = line.Split(';', 2)[0].Trim();
        if (!long.TryParse(size, System.Globalization.NumberStyles.AllowHexSpecifier, null, out _left) || _left < 0)
            throw Broken($"sent the chunk size '{line}'");
        if (_left > 0)
            return true;
        while (ReadHeadLine().Length > 0)
        {
            // trailers say nothing to us
        }

        _ended = true;
        return false;
    }

    private string ReadHeadLine()
    {
        var line = new StringBuilder();
        for (int b; (b = RawByte()) != '\n';)
        {
            if (b < 0)
                throw Broken("hung up in the middle of an answer");
            if (line.Length >= WorkerLimits.HeadBytesMax)
                throw Broken($"sent a header line of more than {WorkerLimits.HeadBytesMax} bytes");
            if (b != '\r')
                line.Append((char)b);
        }

        return line.ToString();
    }

    private int RawByte()
    {
        if (_start == _end)
            (_start, _end) = (0, _socket.Receive(_buffer));
        return _start < _end ? _buffer[_start++] : -1;
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[_socket.Send(bytes)..];
    }

    private static IOException Broken(string what) => new($"Muster's keeper {what}");
}
