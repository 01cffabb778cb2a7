namespace Muster.Worker.Collectives;

/// <summary>An element type with an operation, behind untyped pointers so that transports need not be generic.</summary>
/// <remarks>Elements are what users see; accumulators are what partial results are kept and sent in.</remarks>
internal abstract unsafe class Reduction
{
    private static readonly Reduction[] Singles = All<float>();
    private static readonly Reduction[] Doubles = All<double>();
    private static readonly Reduction[] Halves =
    [
        new HalfReduction<Addition>(mean: false), new HalfReduction<Addition>(mean: true),
        new HalfReduction<Minimum>(mean: false), new HalfReduction<Maximum>(mean: false),
    ];

    public abstract int ElementBytes { get; }

    public abstract int AccumulatorBytes { get; }

    /// <summary>Whether an element already is an accumulator, so that raw data may be sent as the first partial result.</summary>
    public bool ElementsAreAccumulators => ElementBytes == AccumulatorBytes;

    public static Reduction For(ElementType element, ReduceOperation operation)
    {
        // Not Enum.IsDefined: its table is held weakly, and made again after every collection.
        if ((uint)operation >= (uint)Singles.Length)
            throw new ArgumentOutOfRangeException(nameof(operation), operation, "Not one of Sum, Mean, Min, Max.");
        return element switch
        {
            ElementType.Single => Singles[(int)operation],
            ElementType.Double => Doubles[(int)operation],
            _ => Halves[(int)operation],
        };
    }

    /// <summary>accumulator = element.</summary>
    public abstract void Begin(byte* elements, byte* accumulators, int count);

    /// <summary>accumulator = accumulator ∘ element.</summary>
    public abstract void Combine(byte* accumulators, byte* elements, int count);

    /// <summary>element = accumulator, divided by the world size if a mean is wanted.</summary>
    public abstract void Finish(byte* accumulators, byte* elements, int count, int worldSize);

    /// <summary>Combines whole rows in the order given, one block at a time so that partial results stay in the cache.</summary>
    /// <remarks>copy: A second place for the result, or null. May be one of the sources.</remarks>
    public abstract void CombineAll(byte** sources, int sourceCount, byte* result, byte* copy, int count);

    private static Reduction[] All<T>() where T : unmanaged, System.Numerics.INumber<T> =>
    [
        new PlainReduction<T, Addition>(mean: false), new PlainReduction<T, Addition>(mean: true),
        new PlainReduction<T, Minimum>(mean: false), new PlainReduction<T, Maximum>(mean: false),
    ];
}
