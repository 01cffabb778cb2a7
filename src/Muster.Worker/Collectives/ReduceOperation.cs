namespace Muster.Worker.Collectives;

/// <summary>How the values of all ranks at one position become one value.</summary>
/// <remarks>
/// The order in which ranks are combined depends only on the position in the data and on the world size, so equal inputs
/// give equal bits on every rank, in every run and over every transport.
/// </remarks>
public enum ReduceOperation
{
    /// <summary>The sum, rounded after each addition.</summary>
    Sum = 0,

    /// <summary>The sum divided by the world size.</summary>
    Mean = 1,

    /// <summary>IEEE 754 minimum: NaN if any value is NaN; −0 is less than +0.</summary>
    Min = 2,

    /// <summary>IEEE 754 maximum: NaN if any value is NaN; +0 is greater than −0.</summary>
    Max = 3,
}
