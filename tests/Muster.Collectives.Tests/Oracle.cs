using System.Numerics;
using Muster.Primitives;
using Muster.Worker.Collectives;

namespace Muster.Collectives.Tests;

/// <summary>The law of reduction, said as simply as it can be: position decides the order, nothing else does.</summary>
internal static class Oracle
{
    public static T[] Reduce<T>(T[][] inputs, ReduceOperation operation) where T : unmanaged, INumber<T> =>
        Reduce<T, T>(inputs, operation);

    public static Half[] ReduceHalf(Half[][] inputs, ReduceOperation operation) => Reduce<Half, float>(inputs, operation);

    private static T[] Reduce<T, TAccumulator>(T[][] inputs, ReduceOperation operation)
        where T : unmanaged, INumber<T>
        where TAccumulator : unmanaged, INumber<TAccumulator>
    {
        var (count, world) = (inputs[0].Length, inputs.Length);
        var segment = Math.Max(1, (count + world - 1) / world);
        var result = new T[count];
        for (var i = 0; i < count; i++)
        {
            var owner = i / segment;
            var sum = TAccumulator.CreateTruncating(inputs[(owner + 1) % world][i]);
            for (var k = 2; k <= world; k++)
            {
                var next = TAccumulator.CreateTruncating(inputs[(owner + k) % world][i]);
                sum = operation switch
                {
                    ReduceOperation.Min => TAccumulator.Min(sum, next),
                    ReduceOperation.Max => TAccumulator.Max(sum, next),
                    _ => sum + next,
                };
            }

            if (operation == ReduceOperation.Mean)
                sum /= TAccumulator.CreateTruncating(world);
            result[i] = T.CreateTruncating(sum);
        }

        return result;
    }

    /// <summary>Values whose sums round differently in a different order; a few are special.</summary>
    public static T[] Values<T>(int count, ulong seed) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new SeededRandom(seed);
        var values = new T[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = T.CreateTruncating((random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-8, 12)));
            if (random.Chance(0.01))
                values[i] = random.Pick<T>([T.Zero, T.NegativeZero, T.PositiveInfinity, T.Epsilon]);
        }

        return values;
    }
}
