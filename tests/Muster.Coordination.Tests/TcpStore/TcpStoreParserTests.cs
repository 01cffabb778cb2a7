using System.Globalization;
using Muster.Codecs;
using Muster.Codecs.TcpStore;
using Muster.Primitives;

namespace Muster.Coordination.Tests.TcpStore;

public sealed class TcpStoreParserTests(ITestOutputHelper output)
{
    private const int Inputs = 200_000;

    private static readonly ulong s_seed = ulong.Parse(Environment.GetEnvironmentVariable("MUSTER_SEED") ?? "1", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void However_the_bytes_are_cut_the_same_requests_are_read(bool modern)
    {
        var chance = new SeededRandom(s_seed);
        for (var round = 0; round < 2_000; round++)
        {
            var requests = Enumerable.Range(0, 1 + chance.Next(6)).Select(_ => Draw(chance, modern)).ToList();
            byte[] bytes = [.. modern ? Wire.Hello : [], .. requests.SelectMany(request => modern ? Wire.Modern(request) : Wire.Legacy(request))];

            var read = ReadInPieces(bytes, () => 1 + chance.Next(modern ? 40 : 5));

            Assert.Equal(requests.Select(Shown), read.Where(r => r is not TcpStoreRequest.Validate).Select(Shown));
        }
    }

    [Fact]
    public void Whatever_the_bytes_they_are_requests_a_wait_for_more_or_a_typed_error()
    {
        var chance = new SeededRandom(s_seed);
        var (whole, waiting, refused) = (0, 0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            var modern = chance.Next(2) == 0;
            byte[] bytes = [.. modern ? Wire.Hello : [], .. modern ? Wire.Modern(Draw(chance, true)) : Wire.Legacy(Draw(chance, false))];
            for (var spoiled = chance.Next(4); spoiled > 0; spoiled--)
                bytes[chance.Next(bytes.Length)] = (byte)chance.Next(256);
            try
            {
                var (requests, left) = ReadAll(bytes);
                // What was read says itself again in exactly its own bytes.
                Assert.Equal(Convert.ToHexString(bytes[..^left]), Convert.ToHexString([.. requests]));
                (whole, waiting) = left == 0 ? (whole + 1, waiting) : (whole, waiting + 1);
            }
            catch (CodecException)
            {
                refused++;
            }
        }

        output.WriteLine($"count: TCPStore requests, {Inputs} inputs, {whole} whole, {waiting} incomplete, {refused} refused, seed {s_seed}");
        Assert.True(whole > Inputs / 10 && waiting > Inputs / 100 && refused > Inputs / 10);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("SSH-2.0-scanner\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003")]
    public void Other_protocols_are_refused_by_their_first_bytes(string text) =>
        Assert.Throws<CodecException>(() => new TcpStoreParser(new TcpStoreLimits()).Read(text.Select(c => (byte)c).ToArray(), out _));

    [Fact]
    public void A_length_over_its_limit_is_refused_before_its_bytes_are_waited_for()
    {
        var parser = new TcpStoreParser(new TcpStoreLimits { KeyBytesMax = 100 });
        parser.Read(Wire.Hello, out _);
        var refused = Assert.Throws<CodecException>(() => parser.Read([3, 101, 0, 0, 0, 0, 0, 0, 0], out _));
        Assert.Contains("a key of 101 exceeds KeyBytesMax 100", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Legacy_clients_are_served_only_where_they_are_wanted()
    {
        var set = Wire.Legacy(new TcpStoreRequest.Set(Wire.Text("k"), Wire.Text("v")));
        Assert.IsType<TcpStoreRequest.Set>(new TcpStoreParser(new TcpStoreLimits()).Read(set, out _));
        Assert.Throws<CodecException>(() => new TcpStoreParser(new TcpStoreLimits { Legacy = false }).Read(set, out _));
    }

    private static List<TcpStoreRequest> ReadInPieces(byte[] bytes, Func<int> piece)
    {
        var parser = new TcpStoreParser(new TcpStoreLimits());
        var (read, from, to) = (new List<TcpStoreRequest>(), 0, 0);
        while (true)
        {
            if (parser.Read(bytes.AsSpan(from..to), out var length) is { } request)
            {
                read.Add(request);
                from += length;
            }
            else if (to == bytes.Length)
            {
                Assert.Equal(to, from);
                return read;
            }
            else
            {
                Assert.True(length > to - from, "less was asked for than had arrived");
                to = Math.Min(bytes.Length, to + piece());
            }
        }
    }

    private static (List<byte> Again, int Left) ReadAll(byte[] bytes)
    {
        var parser = new TcpStoreParser(new TcpStoreLimits());
        var (again, from) = (new List<byte>(), 0);
        while (parser.Read(bytes.AsSpan(from), out var length) is { } request)
        {
            again.AddRange(parser.IsModern == true ? Wire.Modern(request) : Wire.Legacy(request));
            from += length;
        }

        return (again, bytes.Length - from);
    }

    private static TcpStoreRequest Draw(SeededRandom chance, bool modern)
    {
        ByteString Some(int most) => new([.. Enumerable.Range(0, chance.Next(most)).Select(_ => (byte)chance.Next(256))]);
        ByteString[] Several() => [.. Enumerable.Range(0, chance.Next(5)).Select(_ => Some(8))];
        return chance.Next(modern ? 18 : 9) switch
        {
            0 => new TcpStoreRequest.Set(Some(12), Some(40)),
            1 => new TcpStoreRequest.CompareSet(Some(12), Some(12), Some(12)),
            2 => new TcpStoreRequest.Get(Some(12)),
            3 => new TcpStoreRequest.Add(Some(12), chance.Next(2000) - 1000),
            4 => new TcpStoreRequest.Check([.. Several()]),
            5 => new TcpStoreRequest.Wait([.. Several()]),
            6 => new TcpStoreRequest.CountKeys(),
            7 => new TcpStoreRequest.Delete(Some(12)),
            8 => modern ? new TcpStoreRequest.Append(Some(12), Some(40)) : new TcpStoreRequest.WatchKey(Some(12)),
            9 => new TcpStoreRequest.MultiGet([.. Several()]),
            10 => new TcpStoreRequest.MultiSet([.. Several().Select(key => KeyValuePair.Create(key, Some(20)))]),
            11 => new TcpStoreRequest.CancelWait(),
            12 => new TcpStoreRequest.Ping((uint)chance.Next(int.MaxValue)),
            13 => new TcpStoreRequest.QueuePush(Some(12), Some(40)),
            14 => new TcpStoreRequest.QueuePop(Some(12)),
            15 => new TcpStoreRequest.QueueLength(Some(12)),
            16 => new TcpStoreRequest.ListKeys(),
            _ => new TcpStoreRequest.Barrier(Some(12), chance.Next(100)),
        };
    }

    private static string Shown(TcpStoreRequest request) => $"{request.GetType().Name} {Convert.ToHexString(request is TcpStoreRequest.WatchKey ? Wire.Legacy(request) : Wire.Modern(request))}";
}
