using System.Globalization;

namespace Muster.Cli.Sim.Pictures;

/// <summary>One line of a plot.</summary>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points, bool Dashed = false, bool Dots = false, int? Colour = null);

/// <summary>Lines over two axes.</summary>
internal sealed record Plot(string Title, string XLabel, string YLabel, IReadOnlyList<Series> Series, bool LogX = false, bool LogY = false, double? YMax = null)
{
    private const int Width = 760;
    private const int Height = 380;
    private const int Left = 64;
    private const int Right = 190;
    private const int Top = 38;
    private const int Bottom = 48;

    public string Draw()
    {
        var svg = new Svg(Width, Height);
        svg.Text(Left, 22, Title, "b");
        var all = Series.SelectMany(series => series.Points).Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y)).ToArray();
        if (all.Length == 0)
        {
            svg.Text(Left, Height / 2, "nothing to show: no run finished", "s");
            return svg.ToString();
        }

        var x = new Axis(all.Select(point => point.X), LogX, null, Left, Width - Right);
        var y = new Axis(all.Select(point => point.Y), LogY, YMax, Height - Bottom, Top);
        Frame(svg, x, y);
        for (var i = 0; i < Series.Count; i++)
        {
            var colour = Svg.Palette[(Series[i].Colour ?? i) % Svg.Palette.Length];
            var points = Series[i].Points.Where(point => double.IsFinite(point.Y)).Select(point => (x.At(point.X), y.At(point.Y))).ToArray();
            svg.Path(points, colour, Series[i].Dashed);
            foreach (var (px, py) in Series[i].Dots ? points : [])
                svg.Dot(px, py, colour);
            svg.Bar(Width - Right + 14, Top + 4 + i * 18, 14, 4, colour);
            svg.Text(Width - Right + 34, Top + 10 + i * 18, Series[i].Name, "s");
        }

        return svg.ToString();
    }

    private void Frame(Svg svg, Axis x, Axis y)
    {
        foreach (var tick in y.Ticks)
        {
            svg.Line(Left, y.At(tick), Width - Right, y.At(tick), "g");
            svg.Text(Left - 7, y.At(tick) + 4, Number(tick), "s", "end");
        }

        foreach (var tick in x.Ticks)
        {
            svg.Line(x.At(tick), Top, x.At(tick), Height - Bottom, "g");
            svg.Text(x.At(tick), Height - Bottom + 16, Number(tick), "s", "middle");
        }

        svg.Text((Left + Width - Right) / 2.0, Height - 10, XLabel, "t", "middle");
        svg.Text(16, (Top + Height - Bottom) / 2.0, YLabel, "t", "middle", -90);
    }

    private static string Number(double value) => Math.Abs(value) >= 1e5 ? value.ToString("0.#e0", CultureInfo.InvariantCulture) : value.ToString("0.###", CultureInfo.InvariantCulture);
}
