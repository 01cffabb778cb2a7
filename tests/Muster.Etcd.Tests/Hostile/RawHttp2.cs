using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Muster.Etcd.Tests.Hostile;

/// <summary>HTTP/2 by hand, for saying what no proper client would.</summary>
internal sealed class RawHttp2 : IDisposable
{
    private const byte Data = 0, HeadersType = 1, Reset = 3, Settings = 4;

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private RawHttp2()
    {
    }

    public static byte[] Preface { get; } = Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

    /// <summary>Connected, and nothing said.</summary>
    public static async Task<RawHttp2> ConnectAsync(Uri server)
    {
        var raw = new RawHttp2();
        await raw._socket.ConnectAsync(server.Host, server.Port);
        return raw;
    }

    /// <summary>Connected and greeted.</summary>
    public static async Task<RawHttp2> OpenAsync(Uri server)
    {
        var raw = await ConnectAsync(server);
        await raw.SendAsync((byte[])[.. Preface, .. Frame(Settings, 0, 0, [])]);
        return raw;
    }

    public static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload, int? claimedLength = null)
    {
        var frame = new byte[9 + payload.Length];
        var length = claimedLength ?? payload.Length;
        (frame[0], frame[1], frame[2], frame[3], frame[4]) = ((byte)(length >> 16), (byte)(length >> 8), (byte)length, type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    public static byte[] CallHeaders(int stream, string path, bool ends = false)
    {
        var block = new List<byte>();
        foreach (var (name, value) in new[] { (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x"), ("content-type", "application/grpc"), ("te", "trailers") })
        {
            block.Add(0);                               // a literal, not indexed
            block.Add((byte)name.Length);
            block.AddRange(Encoding.ASCII.GetBytes(name));
            block.Add((byte)value.Length);
            block.AddRange(Encoding.ASCII.GetBytes(value));
        }

        return Frame(HeadersType, (byte)(4 | (ends ? 1 : 0)), stream, block.ToArray());
    }

    public static byte[] DataFrame(int stream, ReadOnlySpan<byte> bytes, bool ends = false) => Frame(Data, (byte)(ends ? 1 : 0), stream, bytes);

    public static byte[] ResetFrame(int stream) => Frame(Reset, 0, stream, [0, 0, 0, 8]);

    /// <summary>A message with its prefix; the prefix may lie about the length.</summary>
    public static byte[] Message(ReadOnlySpan<byte> bytes, uint? claimedLength = null)
    {
        var message = new byte[5 + bytes.Length];
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(1), claimedLength ?? (uint)bytes.Length);
        bytes.CopyTo(message.AsSpan(5));
        return message;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes)..];
    }

    /// <summary>Whatever the server still says, until it closes or a text comes.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        var (all, buffer) = (new StringBuilder(), new byte[16 * 1024]);
        while (!all.ToString().Contains(text, StringComparison.Ordinal))
        {
            var count = await _socket.ReceiveAsync(buffer);
            if (count == 0)
                break;
            all.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return all.ToString();
    }

    public void Dispose() => _socket.Dispose();
}
