using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Muster.Samples.Charlm.Numerics;

/// <summary>C += A·B in one thread.</summary>
/// <remarks>
/// Every element of C is summed in the order of the inner dimension with fused multiply-adds, whatever the width of the
/// machine's vectors and however the loops are blocked: the result is a function of the operands alone.
/// </remarks>
internal static unsafe class MatrixProduct
{
    private const int Panel = PackedMatrix.PanelColumns;
    private const int TileRows = 4;
    private const int DepthBlock = 192;   // a panel of this depth and four rows of A stay in a 32 kB first-level cache

    /// <summary>Adds A·B to C.</summary>
    /// <param name="a">Element (i, k) lies at <c>i * rowStride + k * columnStride</c>: a transposed A costs nothing.</param>
    /// <param name="c">Row by row, <paramref name="cStride"/> floats from row to row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(
        ReadOnlySpan<float> a, int rowStride, int columnStride, PackedMatrix b, Span<float> c, int cStride, int rows)
    {
        if (rows == 0)
            return;
        _ = a[(rows - 1) * rowStride + (b.Depth - 1) * columnStride];
        _ = c[(rows - 1) * cStride + b.Columns - 1];
        fixed (float* aPointer = a, bPointer = b.Panels, cPointer = c)
        {
            for (var column = 0; column < b.Columns; column += Panel)
            {
                var width = Math.Min(Panel, b.Columns - column);
                for (var k = 0; k < b.Depth; k += DepthBlock)
                {
                    var depth = Math.Min(DepthBlock, b.Depth - k);
                    var panel = bPointer + (column * b.Depth + k * Panel);
                    AddPanel(aPointer + k * columnStride, rowStride, columnStride, panel, depth, cPointer + column, cStride, rows, width);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddPanel(
        float* a, int rowStride, int columnStride, float* panel, int depth, float* c, int cStride, int rows, int width)
    {
        var edge = stackalloc float[TileRows * Panel];
        for (var row = 0; row < rows; row += TileRows)
        {
            var height = Math.Min(TileRows, rows - row);
            var target = c + row * cStride;
            var source = a + row * rowStride;
            if (width == Panel)
            {
                AddTile(source, rowStride, columnStride, panel, depth, target, cStride, height);
                continue;
            }

            Copy(target, cStride, edge, Panel, height, width);
            AddTile(source, rowStride, columnStride, panel, depth, edge, Panel, height);
            Copy(edge, Panel, target, cStride, height, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTile(
        float* a, int rowStride, int columnStride, float* panel, int depth, float* c, int cStride, int height)
    {
        if (height == TileRows)
        {
            AddFourRows(a, rowStride, columnStride, panel, depth, c, cStride);
            return;
        }

        for (var row = 0; row < height; row++)
            AddOneRow(a + row * rowStride, columnStride, panel, depth, c + row * cStride);
    }

    private static void Copy(float* source, int sourceStride, float* target, int targetStride, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
            new ReadOnlySpan<float>(source + row * sourceStride, columns).CopyTo(new Span<float>(target + row * targetStride, columns));
    }

    /// <summary>Twelve sums in registers: three loads and four broadcasts for twelve multiply-adds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFourRows(float* a, int rowStride, int columnStride, float* panel, int depth, float* c, int cStride)
    {
        float* c0 = c, c1 = c + cStride, c2 = c1 + cStride, c3 = c2 + cStride;
        Vector256<float> s00 = Vector256.Load(c0), s01 = Vector256.Load(c0 + 8), s02 = Vector256.Load(c0 + 16);
        Vector256<float> s10 = Vector256.Load(c1), s11 = Vector256.Load(c1 + 8), s12 = Vector256.Load(c1 + 16);
        Vector256<float> s20 = Vector256.Load(c2), s21 = Vector256.Load(c2 + 8), s22 = Vector256.Load(c2 + 16);
        Vector256<float> s30 = Vector256.Load(c3), s31 = Vector256.Load(c3 + 8), s32 = Vector256.Load(c3 + 16);
        float* a0 = a, a1 = a + rowStride, a2 = a1 + rowStride, a3 = a2 + rowStride;
        var end = panel + depth * Panel;
        while (panel < end)
        {
            Vector256<float> b0 = Vector256.Load(panel), b1 = Vector256.Load(panel + 8), b2 = Vector256.Load(panel + 16);
            var factor = Vector256.Create(*a0);
            s00 = Vector256.FusedMultiplyAdd(factor, b0, s00);
            s01 = Vector256.FusedMultiplyAdd(factor, b1, s01);
            s02 = Vector256.FusedMultiplyAdd(factor, b2, s02);
            factor = Vector256.Create(*a1);
            s10 = Vector256.FusedMultiplyAdd(factor, b0, s10);
            s11 = Vector256.FusedMultiplyAdd(factor, b1, s11);
            s12 = Vector256.FusedMultiplyAdd(factor, b2, s12);
            factor = Vector256.Create(*a2);
            s20 = Vector256.FusedMultiplyAdd(factor, b0, s20);
            s21 = Vector256.FusedMultiplyAdd(factor, b1, s21);
            s22 = Vector256.FusedMultiplyAdd(factor, b2, s22);
            factor = Vector256.Create(*a3);
            s30 = Vector256.FusedMultiplyAdd(factor, b0, s30);
            s31 = Vector256.FusedMultiplyAdd(factor, b1, s31);
            s32 = Vector256.FusedMultiplyAdd(factor, b2, s32);
            a0 += columnStride;
            a1 += columnStride;
            a2 += columnStride;
            a3 += columnStride;
            panel += Panel;
        }

        s00.Store(c0); s01.Store(c0 + 8); s02.Store(c0 + 16);
        s10.Store(c1); s11.Store(c1 + 8); s12.Store(c1 + 16);
        s20.Store(c2); s21.Store(c2 + 8); s22.Store(c2 + 16);
        s30.Store(c3); s31.Store(c3 + 8); s32.Store(c3 + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOneRow(float* a, int columnStride, float* panel, int depth, float* c)
    {
        Vector256<float> s0 = Vector256.Load(c), s1 = Vector256.Load(c + 8), s2 = Vector256.Load(c + 16);
        for (var k = 0; k < depth; k++, panel += Panel, a += columnStride)
        {
            var factor = Vector256.Create(*a);
            s0 = Vector256.FusedMultiplyAdd(factor, Vector256.Load(panel), s0);
            s1 = Vector256.FusedMultiplyAdd(factor, Vector256.Load(panel + 8), s1);
            s2 = Vector256.FusedMultiplyAdd(factor, Vector256.Load(panel + 16), s2);
        }

        s0.Store(c);
        s1.Store(c + 8);
        s2.Store(c + 16);
    }
}
