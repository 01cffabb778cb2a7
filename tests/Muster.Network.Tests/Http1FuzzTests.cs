using System.Text;
using Muster.Codecs.Http1;
using Muster.Primitives;

namespace Muster.Network.Tests;

public sealed class Http1FuzzTests
{
    private const int Requests = 200_000;
    private const int ChunkedBodies = 50_000;

    private static readonly Http1Limits Limits = new() { HeadBytesMax = 2048, HeadersMax = 12, TargetBytesMax = 256 };

    private static readonly string[] Corpus =
    [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /v1/checkpoints/620/done?a=b&c=%20 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 12\r\nConnection: close\r\n\r\nhello world!",
        "POST /v1/reports HTTP/1.1\r\nHost:x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "DELETE /x HTTP/1.0\r\nConnection: keep-alive, close\r\nX-Y:\t spaced \t\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: \r\nContent-Length: 0\r\nA: \x80\xff\r\n\r\n",
    ];

    private static readonly string[] Pieces =
    [
        "\r\n", "\n", "\r", " ", ":", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Host: y\r\n", "HTTP/1.1", "HTTP/1.0", "\0", "/",
        "18446744073709551616", "-1", "GET ", "\r\n\r\n", ",", "\t", "Expect: 200-ok\r\n", "chunked, chunked", "http://h/", "%zz", "\x7f",
    ];

    [Fact]
    public void Any_bytes_give_a_canonical_head_or_a_named_refusal()
    {
        var random = new SeededRandom(Seed.Base);
        var complete = 0;

        for (var i = 0; i < Requests; i++)
        {
            var bytes = Mutate(random);
            try
            {
                complete += CheckRequest(bytes) ? 1 : 0;
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {Seed.Base}, case {i}: {Convert.ToHexString(bytes)}", failure);
            }
        }

        Assert.InRange(complete, Requests / 20, Requests * 19 / 20);   // both sides were reached
    }

    [Fact]
    public void Every_truncation_is_incomplete_and_every_changed_byte_is_handled()
    {
        foreach (var text in Corpus)
        {
            var bytes = Encoding.Latin1.GetBytes(text);
            var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            for (var length = 0; length < head; length++)
                Assert.IsType<HttpParse<HttpRequestHead>.Incomplete>(HttpHeadParser.ParseRequest(bytes.AsSpan(0, length), Limits));
            for (var at = 0; at < head; at++)
            {
                for (var value = 0; value < 256; value++)
                {
                    var changed = (byte[])bytes.Clone();
                    changed[at] = (byte)value;
                    CheckRequest(changed);
                    HttpHeadParser.ParseResponse(changed, Limits);
                }
            }
        }
    }

    [Fact]
    public void A_chunked_body_comes_out_the_same_however_it_is_cut()
    {
        var random = new SeededRandom(Seed.Base);
        for (var i = 0; i < ChunkedBodies; i++)
        {
            var body = new byte[random.Next(200)];
            random.Fill(body);
            var wire = Chunk(body, random);
            var tail = random.Next(10);

            var (decoded, consumed, refusal) = Decode([.. wire, .. new byte[tail]], random);

            Assert.True(refusal is null && body.AsSpan().SequenceEqual(decoded) && consumed == wire.Length, $"seed {Seed.Base}, case {i}: {refusal}");
        }
    }

    [Fact]
    public void A_damaged_chunked_body_is_refused_or_read_the_same_way_however_it_is_cut()
    {
        var random = new SeededRandom(Seed.Base);
        for (var i = 0; i < ChunkedBodies; i++)
        {
            var body = new byte[random.Next(40)];
            random.Fill(body);
            var wire = Chunk(body, random);
            for (var n = 1 + random.Next(3); n > 0; n--)
                wire[random.Next(wire.Length)] = (byte)random.Next(256);

            var whole = Decode(wire, null);
            var cut = Decode(wire, random);

            Assert.True(whole.Refusal?.Reason == cut.Refusal?.Reason && whole.Body.AsSpan().SequenceEqual(cut.Body), $"seed {Seed.Base}, case {i}");
        }
    }

    private static bool CheckRequest(byte[] bytes)
    {
        switch (HttpHeadParser.ParseRequest(bytes, Limits))
        {
            case HttpParse<HttpRequestHead>.Complete(var head, var count):
                Assert.InRange(count, 1, bytes.Length);
                var canonical = HttpHeadWriter.Request(head.Method, head.Target, head.Minor, head.Headers);
                var again = Assert.IsType<HttpParse<HttpRequestHead>.Complete>(
                    HttpHeadParser.ParseRequest(canonical, new Http1Limits { HeadBytesMax = 4096 }));
                Assert.Equal(canonical.Length, again.Bytes);
                Assert.Equal(head with { Headers = [] }, again.Head with { Headers = [] });
                Assert.Equal(head.Headers.AsEnumerable(), again.Head.Headers);
                return true;
            case HttpParse<HttpRequestHead>.Refused(var refusal):
                Assert.Contains(refusal.Status, new[] { 400, 414, 417, 431, 501, 505 });
                Assert.NotEmpty(refusal.Reason);
                return false;
            default:
                Assert.True(bytes.Length < Limits.HeadBytesMax);
                return false;
        }
    }

    private static byte[] Mutate(SeededRandom random)
    {
        if (random.Chance(0.05))
        {
            var noise = new byte[random.Next(3000)];
            random.Fill(noise);
            return noise;
        }

        var bytes = new List<byte>(Encoding.Latin1.GetBytes(random.Pick(Corpus)));
        for (var n = random.Next(4); n > 0; n--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(5))
            {
                case 0:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 1:
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(random.Pick(Pieces)));
                    break;
                case 2 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 3 when at < bytes.Count:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 8), bytes.Count - at));
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(new string((char)random.Next(0x20, 0x7f), random.Next(400))));
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] Chunk(byte[] body, SeededRandom random)
    {
        var wire = new List<byte>();
        for (var at = 0; at < body.Length;)
        {
            var count = random.Next(1, body.Length - at + 1);
            wire.AddRange(Encoding.ASCII.GetBytes(count.ToString(random.Chance(0.5) ? "x" : "X4") + (random.Chance(0.2) ? ";ext=1" : "") + "\r\n"));
            wire.AddRange(body.AsSpan(at, count));
            wire.AddRange("\r\n"u8);
            at += count;
        }

        wire.AddRange(Encoding.ASCII.GetBytes("0\r\n" + (random.Chance(0.2) ? "Trailer: x\r\n" : "") + "\r\n"));
        return [.. wire];
    }

    private static (byte[] Body, int Consumed, HttpRefusal? Refusal) Decode(byte[] wire, SeededRandom? cuts)
    {
        var decoder = new ChunkedDecoder();
        var body = new List<byte>();
        var consumed = 0;
        var available = cuts is null ? wire.Length : 0;
        while (!decoder.IsDone)
        {
            var output = new byte[cuts?.Next(1, 50) ?? wire.Length];
            var refusal = decoder.Decode(wire.AsSpan(consumed, available - consumed), output, out var used, out var written);
            body.AddRange(output.AsSpan(0, written));
            consumed += used;
            if (refusal is not null)
                return ([.. body], consumed, refusal);
            if (consumed == wire.Length)
                break;
            if (cuts is not null)
                available = Math.Min(wire.Length, available + cuts.Next(1, 30));
        }

        return ([.. body], consumed, null);
    }
}
