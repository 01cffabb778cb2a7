using System.Numerics;

namespace Muster.Worker.Collectives;

/// <summary>One binary operation, on single values and on vectors, with equal results.</summary>
internal interface IOperator
{
    static abstract T Apply<T>(T first, T second) where T : unmanaged, INumber<T>;

    static abstract Vector<T> Apply<T>(Vector<T> first, Vector<T> second) where T : unmanaged, INumber<T>;
}

internal readonly struct Addition : IOperator
{
    public static T Apply<T>(T first, T second) where T : unmanaged, INumber<T> => first + second;

    public static Vector<T> Apply<T>(Vector<T> first, Vector<T> second) where T : unmanaged, INumber<T> => first + second;
}

internal readonly struct Minimum : IOperator
{
    public static T Apply<T>(T first, T second) where T : unmanaged, INumber<T> => T.Min(first, second);

    public static Vector<T> Apply<T>(Vector<T> first, Vector<T> second) where T : unmanaged, INumber<T> =>
        Vector.Min(first, second);
}

internal readonly struct Maximum : IOperator
{
    public static T Apply<T>(T first, T second) where T : unmanaged, INumber<T> => T.Max(first, second);

    public static Vector<T> Apply<T>(Vector<T> first, Vector<T> second) where T : unmanaged, INumber<T> =>
        Vector.Max(first, second);
}
