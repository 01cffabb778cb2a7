using Muster.Primitives;
using Muster.Samples.Charlm.Numerics;

namespace Charlm.Tests;

public sealed class MatrixProductTests
{
    private const int Cases = 200;

    [Fact]
    public void A_product_is_that_of_three_loops_bit_for_bit() => Seeds.ForEach(Cases, random =>
    {
        var (rows, depth, columns) = Shape(random);
        var (a, b, c) = (random.Floats(rows * depth), random.Floats(depth * columns), random.Floats(rows * columns));
        var expected = ThreeLoops(a, depth, 1, b, columns, c, rows, depth);

        var packed = new PackedMatrix(depth, columns);
        packed.Pack(b, columns);
        MatrixProduct.Add(a, depth, 1, packed, c, columns, rows);

        Assert.Equal(expected, c);
    });

    [Fact]
    public void A_transposed_left_factor_is_only_read_in_another_order() => Seeds.ForEach(Cases, random =>
    {
        var (rows, depth, columns) = Shape(random);
        var (a, b, c) = (random.Floats(depth * rows), random.Floats(depth * columns), random.Floats(rows * columns));
        var expected = ThreeLoops(a, 1, rows, b, columns, c, rows, depth);

        var packed = new PackedMatrix(depth, columns);
        packed.Pack(b, columns);
        MatrixProduct.Add(a, 1, rows, packed, c, columns, rows);

        Assert.Equal(expected, c);
    });

    [Fact]
    public void A_matrix_packed_transposed_is_the_transpose() => Seeds.ForEach(Cases, random =>
    {
        var (_, depth, columns) = Shape(random);
        var matrix = random.Floats(columns * depth);
        var transposed = new float[depth * columns];
        for (var i = 0; i < columns; i++)
        {
            for (var j = 0; j < depth; j++)
                transposed[j * columns + i] = matrix[i * depth + j];
        }

        var (one, other) = (new PackedMatrix(depth, columns), new PackedMatrix(depth, columns));
        one.PackTransposed(matrix, depth);
        other.Pack(transposed, columns);

        Assert.Equal(other.Panels.ToArray(), one.Panels.ToArray());
    });

    [Fact]
    public void Columns_beyond_the_product_are_not_touched()
    {
        var packed = new PackedMatrix(3, 5);
        packed.Pack(new SeededRandom(1).Floats(15), 5);
        var c = new float[4 * 8];
        Array.Fill(c, 7f);

        MatrixProduct.Add(new SeededRandom(2).Floats(12), 3, 1, packed, c, 8, 4);

        for (var row = 0; row < 4; row++)
            Assert.Equal([7f, 7f, 7f], c[(row * 8 + 5)..(row * 8 + 8)]);
    }

    private static (int Rows, int Depth, int Columns) Shape(SeededRandom random) =>
        (random.Next(1, 14), random.Next(1, random.Chance(0.2) ? 600 : 40), random.Next(1, 80));

    private static float[] ThreeLoops(
        float[] a, int rowStride, int columnStride, float[] b, int columns, float[] c, int rows, int depth)
    {
        var result = (float[])c.Clone();
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                for (var k = 0; k < depth; k++)
                    result[i * columns + j] = MathF.FusedMultiplyAdd(a[i * rowStride + k * columnStride], b[k * columns + j], result[i * columns + j]);
            }
        }

        return result;
    }
}
