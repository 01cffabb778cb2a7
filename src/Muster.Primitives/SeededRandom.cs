namespace Muster.Primitives;

/// <summary>A generator whose sequence is part of the contract, so that an old seed still finds its old bug.</summary>
/// <remarks>SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.</remarks>
public sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong NextUInt64()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number in [0, <paramref name="bound"/>), without bias.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)NextBelow((ulong)bound);
    }

    /// <summary>A number in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public int Next(int low, int high) => low + Next(high - low);

    /// <summary>A number in [0, <paramref name="bound"/>), without bias.</summary>
    public ulong NextBelow(ulong bound)
    {
        // Lemire's multiply-and-reject, "Fast random integer generation in an interval", 2019.
        var product = (UInt128)NextUInt64() * bound;
        if ((ulong)product < bound)
        {
            var threshold = (0UL - bound) % bound;
            while ((ulong)product < threshold)
                product = (UInt128)NextUInt64() * bound;
        }

        return (ulong)(product >> 64);
    }

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A duration in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public TimeSpan Between(TimeSpan low, TimeSpan high) => low + TimeSpan.FromTicks((long)(NextDouble() * (high - low).Ticks));

    /// <summary>One item, each as likely as the others.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>Fills a buffer.</summary>
    public void Fill(Span<byte> buffer)
    {
        for (var i = 0; i < buffer.Length; i += 8)
        {
            var bits = NextUInt64();
            for (var j = i; j < Math.Min(i + 8, buffer.Length); j++, bits >>= 8)
                buffer[j] = (byte)bits;
        }
    }

    /// <summary>A generator of its own for one concern, so that drawing more for one does not shift the others.</summary>
    public SeededRandom Split() => new(NextUInt64());
}
