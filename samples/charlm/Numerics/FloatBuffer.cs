using System.Runtime.CompilerServices;

namespace Muster.Samples.Charlm.Numerics;

/// <summary>Floats that start at a cache line and never move, so that vector loads do not straddle lines.</summary>
internal sealed class FloatBuffer
{
    private const int LineFloats = 16;
    private readonly float[] _store;
    private readonly int _start;

    public FloatBuffer(int length)
    {
        _store = GC.AllocateArray<float>(length + LineFloats, pinned: true);
        Length = length;
        unsafe
        {
            var address = (nuint)Unsafe.AsPointer(ref _store[0]);
            _start = (int)((64 - address % 64) % 64 / sizeof(float));
        }
    }

    public int Length { get; }

    public Span<float> Span => _store.AsSpan(_start, Length);
}
