namespace Muster.Worker.Collectives;

/// <summary>Half values, accumulated (and, over sockets, sent as partial results) as float, rounded once at the end.</summary>
internal sealed unsafe class HalfReduction<TOperator>(bool mean) : Reduction
    where TOperator : struct, IOperator
{
    private const int Block = 1024;   // elements: two float blocks stay in the first-level cache

    private readonly PlainReduction<float, TOperator> _floats = new(mean);

    public override int ElementBytes => sizeof(ushort);

    public override int AccumulatorBytes => sizeof(float);

    public override void Begin(byte* elements, byte* accumulators, int count) =>
        HalfConversion.Widen((ushort*)elements, (float*)accumulators, count);

    public override void Combine(byte* accumulators, byte* elements, int count)
    {
        var widened = stackalloc float[Block];
        for (var start = 0; start < count; start += Block)
        {
            var length = Math.Min(Block, count - start);
            HalfConversion.Widen((ushort*)elements + start, widened, length);
            _floats.Combine((byte*)((float*)accumulators + start), (byte*)widened, length);
        }
    }

    public override void Finish(byte* accumulators, byte* elements, int count, int worldSize)
    {
        var finished = stackalloc float[Block];
        for (var start = 0; start < count; start += Block)
        {
            var length = Math.Min(Block, count - start);
            _floats.Finish((byte*)((float*)accumulators + start), (byte*)finished, length, worldSize);
            HalfConversion.Narrow(finished, (ushort*)elements + start, length);
        }
    }

    public override void CombineAll(byte** sources, int sourceCount, byte* result, byte* copy, int count)
    {
        var accumulators = stackalloc float[Block];
        var widened = stackalloc float[Block];
        for (var start = 0; start < count; start += Block)
        {
            var length = Math.Min(Block, count - start);
            HalfConversion.Widen((ushort*)sources[0] + start, accumulators, length);
            for (var i = 1; i < sourceCount; i++)
            {
                HalfConversion.Widen((ushort*)sources[i] + start, widened, length);
                _floats.Combine((byte*)accumulators, (byte*)widened, length);
            }

            _floats.Finish((byte*)accumulators, (byte*)accumulators, length, sourceCount);
            var target = (ushort*)result + start;
            HalfConversion.Narrow(accumulators, target, length);
            if (copy != null)
                Buffer.MemoryCopy(target, (ushort*)copy + start, length * 2L, length * 2L);
        }
    }
}
