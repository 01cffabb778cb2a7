using System.Numerics;
using System.Runtime.InteropServices;

namespace Muster.Scheduling.Solvers;

/// <summary>Maximises c·x where A·x ≤ b and x ≥ 0, with b ≥ 0; columns may be added, and costs changed, between solves.</summary>
/// <remarks>
/// Source: Dantzig's revised simplex with an explicit inverse; Bland's rule (1977) while no progress is made. Meant for few rows and many
/// columns. Each solve starts from the basis of the last, so a small change costs few pivots.
/// </remarks>
internal sealed class RevisedSimplex
{
    private const int StallsPerRow = 40;
    private const int FreshMax = 3;
    private readonly int _rows;
    private readonly double[] _rhs;
    private readonly double[] _inverse;
    private readonly double[] _values;
    private readonly double[] _duals;
    private readonly double[] _entering;
    private readonly int[] _basis;   // column, or ~row of a slack
    private readonly List<Column> _columns = [];
    private readonly List<bool> _isBasic = [];
    private int _sinceInversion;
    private int _fresh;

    /// <summary>A program without columns.</summary>
    public RevisedSimplex(ReadOnlySpan<double> rhs)
    {
        _rows = rhs.Length;
        _rhs = rhs.ToArray();
        (_inverse, _values, _duals, _entering, _basis) =
            (new double[_rows * _rows], rhs.ToArray(), new double[_rows], new double[_rows], new int[_rows]);
        for (var row = 0; row < _rows; row++)
        {
            if (!(rhs[row] >= 0) || !double.IsFinite(rhs[row]))
                throw new SolverTroubleException($"linear program of {_rows} rows: right side {row} is {rhs[row]}");
            _inverse[row * _rows + row] = 1;
            _basis[row] = ~row;
        }
    }

    /// <summary>c·x of the last solve.</summary>
    public double Objective { get; private set; }

    /// <summary>Pivots of all solves.</summary>
    public long Pivots { get; private set; }

    /// <summary>Columns added.</summary>
    public int Columns => _columns.Count;

    /// <summary>Price of each row by the last solve; not negative.</summary>
    public ReadOnlySpan<double> Duals => _duals;

    /// <summary>Adds a column and returns its index.</summary>
    public int Add(double cost, int[] rows, double[] values)
    {
        _columns.Add(new Column(rows, values) { Cost = cost });
        _isBasic.Add(false);
        return _columns.Count - 1;
    }

    /// <summary>Changes what a column is worth.</summary>
    public void SetCost(int column, double cost) => _columns[column].Cost = cost;

    /// <summary>Changes a right side; the caller knows that the last solution satisfies the new one.</summary>
    public void SetRightSide(int row, double value)
    {
        _rhs[row] = value;
        ComputeValues();
    }

    /// <summary>The basic columns and their values.</summary>
    public IEnumerable<(int Column, double Value)> Solution()
    {
        for (var row = 0; row < _rows; row++)
            if (_basis[row] >= 0 && _values[row] > 0)
                yield return (_basis[row], _values[row]);
    }

    /// <summary>Pivots to the optimum.</summary>
    /// <exception cref="SolverTroubleException">Unbounded, or no end within the limit.</exception>
    public void Solve()
    {
        var (stalled, limit) = (0, (long)SolverLimits.PivotsPerLine * (_rows + _columns.Count) + 1000);
        var (best, again) = (double.NegativeInfinity, false);
        for (var pivot = 0L; ; pivot++)
        {
            if (stalled > StallsPerRow * _rows + StallsPerRow)
            {
                if (again || _sinceInversion == 0 || IsExact())
                    break;   // only rounding still promises a gain: what rests on this checks value against bound
                Invert();
                (stalled, best, again) = (0, double.NegativeInfinity, true);
            }

            if (pivot > limit)
                throw new SolverTroubleException($"linear program of {_rows} rows and {_columns.Count} columns: no end after {limit} pivots");
            ComputeDuals();
            var column = Price(bland: stalled > 2 * _rows);
            if (column == int.MinValue)
            {
                if (_sinceInversion == 0 || IsExact())
                    break;
                Invert();
                continue;
            }

            Direction(column);
            var row = Ratio(bland: stalled > 2 * _rows);
            if (row < 0)
                throw new SolverTroubleException($"linear program of {_rows} rows and {_columns.Count} columns: nothing bounds column {column}");
            Pivot(row, column);
            // Progress is what the objective says, not what a pivot promised: rounding promises without end.
            var value = Value();
            if (value > best + 1e-13 * Math.Abs(value) + 1e-300)
                (best, stalled) = (value, 0);
            else
                stalled++;
        }

        Objective = Value();
    }

    private double Value()
    {
        var sum = 0.0;
        for (var row = 0; row < _rows; row++)
            sum += CostOf(_basis[row]) * _values[row];
        return sum;
    }

    /// <summary>Whether the basic values still satisfy the rows.</summary>
    private bool IsExact()
    {
        Array.Copy(_rhs, _entering, _rows);
        for (var at = 0; at < _rows; at++)
            if (_basis[at] < 0)
                _entering[~_basis[at]] -= _values[at];
            else
                for (var k = 0; k < _columns[_basis[at]].Rows.Length; k++)
                    _entering[_columns[_basis[at]].Rows[k]] -= _columns[_basis[at]].Values[k] * _values[at];
        var largest = 0.0;
        for (var row = 0; row < _rows; row++)
            largest = Math.Max(largest, Math.Max(Math.Abs(_entering[row]), -_values[row]));
        return largest < 1e-11;
    }

    /// <summary>Bland's order: columns as they came, then slacks.</summary>
    private static uint Order(int variable) => variable >= 0 ? (uint)variable : 0x80000000u + (uint)~variable;

    private double CostOf(int variable) => variable >= 0 ? _columns[variable].Cost : 0;

    private void ComputeDuals()
    {
        Array.Clear(_duals);
        for (var row = 0; row < _rows; row++)
            if (CostOf(_basis[row]) is var cost and not 0)
                AddScaled(_duals, _inverse.AsSpan(row * _rows, _rows), cost);
    }

    /// <summary>The most promising column, or ~row of a slack; int.MinValue at the optimum.</summary>
    private int Price(bool bland)
    {
        var (best, found) = (0.0, int.MinValue);
        for (var j = 0; j < _columns.Count; j++)
        {
            if (_isBasic[j])
                continue;
            var column = _columns[j];
            var (gain, size) = (column.Cost, Math.Abs(column.Cost));
            for (var k = 0; k < column.Rows.Length; k++)
            {
                var part = _duals[column.Rows[k]] * column.Values[k];
                gain -= part;
                size += Math.Abs(part);
            }

            if (gain <= size * SolverLimits.Zero)
                continue;
            if (bland)
                return j;
            if (gain > best)
                (best, found) = (gain, j);
        }

        for (var row = 0; row < _rows; row++)
            if (-_duals[row] > Math.Max(best, SolverLimits.Zero) && Array.IndexOf(_basis, ~row) < 0)
            {
                if (bland)
                    return ~row;
                (best, found) = (-_duals[row], ~row);
            }

        return found;
    }

    private void Direction(int variable)
    {
        for (var row = 0; row < _rows; row++)
        {
            var line = _inverse.AsSpan(row * _rows, _rows);
            if (variable < 0)
            {
                _entering[row] = line[~variable];
                continue;
            }

            var (sum, column) = (0.0, _columns[variable]);
            for (var k = 0; k < column.Rows.Length; k++)
                sum += line[column.Rows[k]] * column.Values[k];
            _entering[row] = sum;
        }
    }

    private int Ratio(bool bland)
    {
        var (best, found, largest) = (double.PositiveInfinity, -1, 0.0);
        for (var row = 0; row < _rows; row++)
            largest = Math.Max(largest, Math.Abs(_entering[row]));
        for (var row = 0; row < _rows; row++)
        {
            if (_entering[row] <= largest * 1e-9)
                continue;
            var ratio = Math.Max(0, _values[row]) / _entering[row];
            var close = found >= 0 && Math.Abs(ratio - best) <= 1e-12 * Math.Max(1, best);
            // Among equals the largest pivot is the safest; under Bland's rule the lowest variable ends every circle.
            if (found < 0 || (close ? bland ? Order(_basis[row]) < Order(_basis[found]) : _entering[row] > _entering[found] : ratio < best))
                (best, found) = (ratio, row);
        }

        return found;
    }

    private void Pivot(int row, int variable)
    {
        Pivots++;
        var pivotLine = _inverse.AsSpan(row * _rows, _rows);
        Scale(pivotLine, 1 / _entering[row]);
        _values[row] = Math.Max(0, _values[row]) / _entering[row];
        for (var other = 0; other < _rows; other++)
        {
            if (other == row || _entering[other] == 0)
                continue;
            AddScaled(_inverse.AsSpan(other * _rows, _rows), pivotLine, -_entering[other]);
            _values[other] -= _entering[other] * _values[row];
        }

        if (_basis[row] >= 0)
            _isBasic[_basis[row]] = false;
        _basis[row] = variable;
        if (variable >= 0)
            _isBasic[variable] = true;
        if (++_sinceInversion >= SolverLimits.PivotsPerInversion)
            Invert();
    }

    /// <summary>The inverse anew, by elimination with the largest pivots, so that rounding does not add up.</summary>
    private void Invert()
    {
        _sinceInversion = 0;
        var matrix = new double[_rows * _rows];
        for (var at = 0; at < _rows; at++)
            if (_basis[at] < 0)
                matrix[~_basis[at] * _rows + at] = 1;
            else
                for (var k = 0; k < _columns[_basis[at]].Rows.Length; k++)
                    matrix[_columns[_basis[at]].Rows[k] * _rows + at] += _columns[_basis[at]].Values[k];
        if (!DenseInverse.TryInvert(matrix, _inverse, _rows))
            BeginAnew();
        ComputeValues();
    }

    /// <summary>Back to the slacks, where rounding has spoilt the basis.</summary>
    private void BeginAnew()
    {
        if (_rhs.AsSpan().IndexOfAnyInRange(double.NegativeInfinity, -double.Epsilon) >= 0 || ++_fresh > FreshMax)
            throw new SolverTroubleException($"linear program of {_rows} rows and {_columns.Count} columns: the basis is singular");
        Array.Clear(_inverse);
        for (var row = 0; row < _rows; row++)
        {
            _inverse[row * _rows + row] = 1;
            if (_basis[row] >= 0)
                _isBasic[_basis[row]] = false;
            _basis[row] = ~row;
        }
    }

    private void ComputeValues()
    {
        for (var row = 0; row < _rows; row++)
        {
            var sum = 0.0;
            for (var k = 0; k < _rows; k++)
                sum += _inverse[row * _rows + k] * _rhs[k];
            _values[row] = sum;
        }
    }

    private static void Scale(Span<double> line, double by)
    {
        for (var i = 0; i < line.Length; i++)
            line[i] *= by;
    }

    private static void AddScaled(Span<double> to, ReadOnlySpan<double> line, double by)
    {
        var wideTo = MemoryMarshal.Cast<double, Vector<double>>(to);
        var wide = MemoryMarshal.Cast<double, Vector<double>>(line);
        for (var i = 0; i < wide.Length; i++)
            wideTo[i] += wide[i] * by;
        for (var i = wide.Length * Vector<double>.Count; i < to.Length; i++)
            to[i] += line[i] * by;
    }

    private sealed class Column(int[] rows, double[] values)
    {
        public int[] Rows { get; } = rows;

        public double[] Values { get; } = values;

        public double Cost { get; set; }
    }
}
