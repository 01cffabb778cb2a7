namespace Muster.Scheduling.Solvers;

/// <summary>Inverts a square matrix by Gauss and Jordan's elimination with row pivoting.</summary>
internal static class DenseInverse
{
    /// <summary>Destroys <paramref name="matrix"/>; both are row-major.</summary>
    /// <returns>False where the matrix is singular to working precision.</returns>
    public static bool TryInvert(double[] matrix, double[] inverse, int size)
    {
        Array.Clear(inverse, 0, size * size);
        for (var i = 0; i < size; i++)
            inverse[i * size + i] = 1;
        for (var column = 0; column < size; column++)
        {
            var pivot = column;
            for (var row = column + 1; row < size; row++)
                if (Math.Abs(matrix[row * size + column]) > Math.Abs(matrix[pivot * size + column]))
                    pivot = row;
            if (!(Math.Abs(matrix[pivot * size + column]) > 1e-14))
                return false;
            SwapRows(matrix, pivot, column, size);
            SwapRows(inverse, pivot, column, size);
            var scale = 1 / matrix[column * size + column];
            for (var k = 0; k < size; k++)
            {
                matrix[column * size + k] *= scale;
                inverse[column * size + k] *= scale;
            }

            for (var row = 0; row < size; row++)
                if (row != column && matrix[row * size + column] is var factor and not 0)
                    for (var k = 0; k < size; k++)
                    {
                        matrix[row * size + k] -= factor * matrix[column * size + k];
                        inverse[row * size + k] -= factor * inverse[column * size + k];
                    }
        }

        return true;
    }

    private static void SwapRows(double[] matrix, int a, int b, int size)
    {
        if (a == b)
            return;
        for (var k = 0; k < size; k++)
            (matrix[a * size + k], matrix[b * size + k]) = (matrix[b * size + k], matrix[a * size + k]);
    }
}
