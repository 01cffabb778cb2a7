using System.Diagnostics;
using Muster.Checkpoints.Digests;
using Muster.Primitives;

namespace Muster.Checkpoints.Tests;

public class Xxh3Tests
{
    /// <summary>Values of the reference implementation's self-test, xxHash 0.8.1, for its generated input, seed 0.</summary>
    [Theory]
    [InlineData(0, "99aa06d3014798d86001c324468d497f")]
    [InlineData(1, "a6cd5e9392000f6ac44bdff4074eecdb")]
    [InlineData(6, "082afe0b8162d12a3e7039bdda43cfc6")]
    [InlineData(12, "6e3efd8fc7802b18061a192713f69ad9")]
    [InlineData(24, "0ce966e4678d37611e7044d28b1b901d")]
    [InlineData(48, "a002ac4e5478227ef942219aed80f67b")]
    [InlineData(81, "4952f58181ab00425e8bafb9f95fb803")]
    [InlineData(222, "337e09641b948717f1aebd597cec6b3a")]
    [InlineData(403, "1b6de21e332dd73dcdeb804d65c6dea4")]
    [InlineData(512, "18d2d110dcc9bca1617e49599013cb6b")]
    [InlineData(2048, "f736557fd47073a5dd59e2c3a5f038e0")]
    [InlineData(2240, "ccb134fbfa7ce49d6e73a90539cf2948")]
    [InlineData(2367, "e89c0f6ff369b427cb37aeb9e5d361ed")]
    public void It_gives_the_published_values(int length, string expected)
    {
        var digest = Xxh3.Format(Xxh3.Of(Generated(length)));

        Assert.Equal(expected, digest);
    }

    [Fact]
    public void It_agrees_with_xxh128sum_at_every_length()
    {
        var directory = Directory.CreateTempSubdirectory("muster-xxh3-");
        try
        {
            int[] lengths = [.. Enumerable.Range(0, 1100), 2047, 2048, 2049, 4095, 65_535, 65_536, 1_000_003];
            foreach (var length in lengths)
                File.WriteAllBytes(Path.Combine(directory.FullName, $"{length:d8}"), Generated(length));

            var sums = Sums(directory.FullName);

            foreach (var length in lengths)
                Assert.Equal((length, sums[$"{length:d8}"]), (length, Xxh3.Format(Xxh3.Of(Generated(length)))));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void How_a_stream_is_cut_does_not_matter()
    {
        const int cases = 300;
        var seed = ulong.Parse(Environment.GetEnvironmentVariable("MUSTER_SEED") ?? "1");
        var random = new SeededRandom(seed);
        for (var i = 0; i < cases; i++)
        {
            var bytes = Generated((int)(random.NextUInt64() % 6000));
            var stream = new Xxh3();
            for (var start = 0; start < bytes.Length;)
            {
                var count = Math.Min(bytes.Length - start, 1 + (int)(random.NextUInt64() % 1500));
                stream.Append(bytes.AsSpan(start, count));
                start += count;
                if (start < bytes.Length && random.NextUInt64() % 4 == 0)
                    Assert.Equal(Xxh3.Of(bytes.AsSpan(0, start)), stream.Digest());
            }

            Assert.True(Xxh3.Of(bytes) == stream.Digest(), $"seed {seed}, case {i}, {bytes.Length} bytes");
        }
    }

    [Fact]
    public void The_narrow_accumulation_equals_the_wide_one()
    {
        var bytes = Generated(1024);
        ulong[] narrow = [1, 2, 3, 4, 5, 6, 7, 8];
        ulong[] wide = [1, 2, 3, 4, 5, 6, 7, 8];

        Xxh3.AccumulateNarrow(narrow, bytes, 0, 16);
        Xxh3.Accumulate(wide, bytes, 0, 16);

        Assert.Equal(narrow, wide);
    }

    /// <summary>The reference implementation's test input.</summary>
    private static byte[] Generated(int length)
    {
        var bytes = new byte[length];
        var generator = 2654435761UL;
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)(generator >> 56);
            generator *= 11400714785074694797UL;
        }

        return bytes;
    }

    private static Dictionary<string, string> Sums(string directory)
    {
        using var sum = Process.Start(new ProcessStartInfo("sh", ["-c", "xxh128sum *"])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
        })!;
        return sum.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split("  ")).ToDictionary(parts => parts[1], parts => parts[0]);
    }
}
