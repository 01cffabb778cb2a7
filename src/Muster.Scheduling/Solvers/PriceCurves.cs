namespace Muster.Scheduling.Solvers;

/// <summary>For given prices of the types: the cheapest way of each class to any level, as the lower hull of its (rate, price) points.</summary>
/// <remarks>A class mixes at most two neighbours of its hull, of which the first may be idleness.</remarks>
internal sealed class PriceCurves
{
    private const double Slack = 1e-9;
    private readonly SharingProblem _problem;
    private readonly int _width;
    private readonly int[] _corners;
    private readonly double[] _rate;
    private readonly double[] _price;
    private readonly int[] _type;

    public PriceCurves(SharingProblem problem)
    {
        _problem = problem;
        _width = problem.Types + 1;
        _corners = new int[problem.Rows];
        (_rate, _price, _type) = (new double[problem.Rows * _width], new double[problem.Rows * _width], new int[problem.Rows * _width]);
    }

    /// <summary>Takes other prices.</summary>
    public void Build(ReadOnlySpan<double> prices)
    {
        for (var row = 0; row < _problem.Rows; row++)
        {
            var rate = _rate.AsSpan(row * _width, _width);
            var price = _price.AsSpan(row * _width, _width);
            var type = _type.AsSpan(row * _width, _width);
            (rate[0], price[0], type[0]) = (0, 0, -1);
            var top = 0;
            var rates = _problem.Rate.AsSpan(row * _problem.Types, _problem.Types);
            foreach (var next in _problem.ByRate(row))
            {
                var (a, c) = (rates[next], prices[next]);
                if (a <= 0 || (top > 0 && a == rate[top] && c >= price[top]))
                    continue;
                while (top > 0 && (price[top] >= c || (c - price[top - 1]) * (rate[top] - rate[top - 1]) <= (price[top] - price[top - 1]) * (a - rate[top - 1])))
                    top--;
                top++;
                (rate[top], price[top], type[top]) = (a, c, next);
            }

            _corners[row] = top;
        }
    }

    /// <summary>What all classes together cost at their levels, and how fast that grows; infinite above a class's best rate.</summary>
    public (double Cost, double Slope) Cost(double[] level, double[] slope)
    {
        var (cost, growth) = (0.0, 0.0);
        for (var row = 0; row < _corners.Length; row++)
        {
            if (level[row] <= 0 && slope[row] == 0)
                continue;
            var (at, steep) = (Segment(row, level[row]), 0.0);
            var first = row * _width + at;
            if (at == _corners[row])
            {
                if (level[row] > _rate[first] * (1 + Slack))
                    return (double.PositiveInfinity, double.PositiveInfinity);
                cost += _problem.Use[row] * _price[first];
                growth += slope[row] > 0 ? double.PositiveInfinity : 0;
                continue;
            }

            steep = (_price[first + 1] - _price[first]) / (_rate[first + 1] - _rate[first]);
            cost += _problem.Use[row] * (_price[first] + steep * (level[row] - _rate[first]));
            growth += _problem.Use[row] * steep * slope[row];
        }

        return (cost, growth);
    }

    /// <summary>Whether more of a class costs anything.</summary>
    public double SteepnessAbove(int row, double level)
    {
        var at = Segment(row, level * (1 + Slack));
        var first = row * _width + at;
        return at == _corners[row] ? double.PositiveInfinity : (_price[first + 1] - _price[first]) / (_rate[first + 1] - _rate[first]);
    }

    /// <summary>The highest level that costs a class nothing.</summary>
    public double FreeLevel(int row, double zero) =>
        _corners[row] > 0 && _price[row * _width + 1] <= zero ? _rate[row * _width + 1] : 0;

    /// <summary>Adds the shares of each class at its level, weighted, to <paramref name="shares"/>, and the GPUs to <paramref name="usage"/>.</summary>
    public void Add(double[] level, double weight, double[]? shares, double[] usage)
    {
        var types = _problem.Types;
        for (var row = 0; row < _corners.Length; row++)
        {
            if (level[row] <= 0 || _corners[row] == 0)
                continue;
            var at = Segment(row, level[row]);
            var first = row * _width + at;
            var upper = at == _corners[row] ? 0 : (level[row] - _rate[first]) / (_rate[first + 1] - _rate[first]);
            if (at > 0)
                Take(row, _type[first], (1 - upper) * weight);
            if (upper > 0)
                Take(row, _type[first + 1], upper * weight);
        }

        void Take(int row, int type, double share)
        {
            usage[type] += share * _problem.Use[row];
            if (shares is not null)
                shares[row * types + type] += share;
        }
    }

    /// <summary>The last corner at or below a level.</summary>
    private int Segment(int row, double level)
    {
        var (at, last) = (0, _corners[row]);
        var from = row * _width + 1;
        while (at < last && _rate[from + at] <= level)
            at++;
        return at;
    }
}
