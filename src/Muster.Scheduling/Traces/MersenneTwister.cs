namespace Muster.Scheduling.Traces;

/// <summary>MT19937 with the methods of CPython's <c>random.Random</c>, so that traces of the literature can be drawn again.</summary>
/// <remarks>
/// Source: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998, with seeding by array as in their 2002 revision.
/// Equal seeds give equal doubles, bit for bit.
/// </remarks>
public sealed class MersenneTwister
{
    private const int Words = 624;
    private const int Middle = 397;
    private readonly uint[] _state = new uint[Words];
    private int _next = Words;

    /// <summary>Seeds with the key of one word, as CPython does for integers below 2³².</summary>
    public MersenneTwister(uint seed)
    {
        _state[0] = 19650218;
        for (var i = 1; i < Words; i++)
            _state[i] = 1812433253 * (_state[i - 1] ^ (_state[i - 1] >> 30)) + (uint)i;
        var at = 1;
        for (var k = 0; k < Words; k++)
        {
            _state[at] = (_state[at] ^ ((_state[at - 1] ^ (_state[at - 1] >> 30)) * 1664525)) + seed;
            Advance(ref at);
        }

        for (var k = 0; k < Words - 1; k++)
        {
            _state[at] = (_state[at] ^ ((_state[at - 1] ^ (_state[at - 1] >> 30)) * 1566083941)) - (uint)at;
            Advance(ref at);
        }

        _state[0] = 0x80000000;
    }

    /// <summary>The next 32 bits.</summary>
    public uint NextUInt32()
    {
        if (_next == Words)
            Refill();
        var y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >> 18);
    }

    /// <summary>A number in [0, 1) with 53 random bits, from two outputs.</summary>
    public double NextDouble()
    {
        var high = NextUInt32() >> 5;
        var low = NextUInt32() >> 6;
        return (high * 67108864.0 + low) * (1.0 / 9007199254740992.0);
    }

    /// <summary>A number between two bounds.</summary>
    public double Uniform(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>A number in [0, <paramref name="bound"/>): the top bits of an output, again while they are too large.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int NextBelow(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var shift = System.Numerics.BitOperations.LeadingZeroCount((uint)bound);
        uint drawn;
        do
            drawn = NextUInt32() >> shift;
        while (drawn >= (uint)bound);
        return (int)drawn;
    }

    /// <summary>Fisher and Yates, from the end.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextBelow(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private void Advance(ref int at)
    {
        if (++at < Words)
            return;
        _state[0] = _state[Words - 1];
        at = 1;
    }

    private void Refill()
    {
        for (var k = 0; k < Words; k++)
        {
            var y = (_state[k] & 0x80000000) | (_state[(k + 1) % Words] & 0x7fffffff);
            _state[k] = _state[(k + Middle) % Words] ^ (y >> 1) ^ ((y & 1) * 0x9908b0df);
        }

        _next = 0;
    }
}
