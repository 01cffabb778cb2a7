namespace Muster.Samples.Charlm.Numerics;

/// <summary>The right-hand factor of a product, laid out in the order in which the kernel reads it.</summary>
/// <remarks>Panels of <see cref="PanelColumns"/> columns, each row by row; the last panel is padded with zeros.</remarks>
internal sealed class PackedMatrix(int depth, int columns)
{
    public const int PanelColumns = 24;

    private readonly FloatBuffer _panels = new((columns + PanelColumns - 1) / PanelColumns * PanelColumns * depth);

    public int Depth => depth;

    public int Columns => columns;

    public ReadOnlySpan<float> Panels => _panels.Span;

    /// <summary>Takes in a matrix stored row by row.</summary>
    public void Pack(ReadOnlySpan<float> source, int rowStride)
    {
        var panels = _panels.Span;
        for (var first = 0; first < columns; first += PanelColumns)
        {
            var width = Math.Min(PanelColumns, columns - first);
            for (var row = 0; row < depth; row++)
                source.Slice(row * rowStride + first, width).CopyTo(panels[(first * depth + row * PanelColumns)..]);
        }
    }

    /// <summary>Takes in the transpose of a matrix stored row by row.</summary>
    public void PackTransposed(ReadOnlySpan<float> source, int rowStride)
    {
        var panels = _panels.Span;
        for (var column = 0; column < columns; column++)
        {
            var panel = column / PanelColumns * PanelColumns;
            var target = panels[(panel * depth + column - panel)..];
            var values = source.Slice(column * rowStride, depth);
            for (var row = 0; row < values.Length; row++)
                target[row * PanelColumns] = values[row];
        }
    }
}
