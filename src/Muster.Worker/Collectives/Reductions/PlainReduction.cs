using System.Numerics;
using System.Runtime.CompilerServices;

namespace Muster.Worker.Collectives;

/// <summary>Types that are their own accumulators: float, double.</summary>
internal sealed unsafe class PlainReduction<T, TOperator>(bool mean) : Reduction
    where T : unmanaged, INumber<T>
    where TOperator : struct, IOperator
{
    private static readonly int Block = 8192 / sizeof(T);   // elements: a few blocks fit the first-level cache

    public override int ElementBytes => sizeof(T);

    public override int AccumulatorBytes => sizeof(T);

    public override void Begin(byte* elements, byte* accumulators, int count)
    {
        if (elements != accumulators)
            Buffer.MemoryCopy(elements, accumulators, (long)count * sizeof(T), (long)count * sizeof(T));
    }

    public override void Combine(byte* accumulators, byte* elements, int count) =>
        Apply((T*)accumulators, (T*)elements, (T*)accumulators, count);

    public override void Finish(byte* accumulators, byte* elements, int count, int worldSize)
    {
        if (mean)
            Divide((T*)accumulators, (T*)elements, count, T.CreateChecked(worldSize));
        else
            Begin(accumulators, elements, count);
    }

    public override void CombineAll(byte** sources, int sourceCount, byte* result, byte* copy, int count)
    {
        var target = (T*)result;
        for (var start = 0; start < count; start += Block)
        {
            var length = Math.Min(Block, count - start);
            Apply((T*)sources[0] + start, (T*)sources[1] + start, target + start, length);
            for (var i = 2; i < sourceCount; i++)
                Apply(target + start, (T*)sources[i] + start, target + start, length);
            if (mean)
                Divide(target + start, target + start, length, T.CreateChecked(sourceCount));
            if (copy != null)
                Begin((byte*)(target + start), (byte*)((T*)copy + start), length);
        }
    }

    // Optimised from the first call on: programs are judged by their first steps too.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Apply(T* first, T* second, T* target, int count)
    {
        var i = 0;
        var width = Vector<T>.Count;
        for (; i <= count - (2 * width); i += 2 * width)
        {
            var a = TOperator.Apply(Vector.Load(first + i), Vector.Load(second + i));
            var b = TOperator.Apply(Vector.Load(first + i + width), Vector.Load(second + i + width));
            Vector.Store(a, target + i);
            Vector.Store(b, target + i + width);
        }

        for (; i < count; i++)
            target[i] = TOperator.Apply(first[i], second[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Divide(T* source, T* target, int count, T divisor)
    {
        var i = 0;
        var divisors = new Vector<T>(divisor);
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
            Vector.Store(Vector.Load(source + i) / divisors, target + i);
        for (; i < count; i++)
            target[i] = source[i] / divisor;
    }
}
