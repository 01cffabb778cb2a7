using System.Globalization;
using System.Net;
using System.Text;

namespace Muster.Cli.Sim.Pictures;

/// <summary>Writes one SVG picture; colours follow the reader's light or dark preference.</summary>
internal sealed class Svg
{
    public static readonly string[] Palette =
        ["#3366cc", "#dc3912", "#109618", "#ff9900", "#990099", "#0099c6", "#dd4477", "#66aa00", "#b82e2e", "#316395", "#994499", "#22aa99"];

    private const string Look = """
        <style>
          .t{font:13px system-ui,sans-serif;fill:#222}.s{font:11px system-ui,sans-serif;fill:#555}.b{font:600 15px system-ui,sans-serif;fill:#222}
          .g{stroke:#ddd;stroke-width:1}.a{stroke:#888;stroke-width:1;fill:none}.p{fill:#fff}
          @media(prefers-color-scheme:dark){.t,.b{fill:#eee}.s{fill:#aaa}.g{stroke:#333}.a{stroke:#777}.p{fill:#16181c}}
        </style>
        """;

    private readonly StringBuilder _text = new();

    public Svg(int width, int height)
    {
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n");
        _text.Append(Look).Append('\n');
        Add($"<rect class=\"p\" width=\"{width}\" height=\"{height}\"/>\n");
    }

    public void Text(double x, double y, string text, string style = "t", string anchor = "start", double turn = 0)
    {
        Add($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" class=\"{style}\" text-anchor=\"{anchor}\"");
        if (turn != 0)
            Add($" transform=\"rotate({turn:0} {x:0.#} {y:0.#})\"");
        Add($">{WebUtility.HtmlEncode(text)}</text>\n");
    }

    public void Line(double x1, double y1, double x2, double y2, string style) =>
        Add($"<line x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\" class=\"{style}\"/>\n");

    public void Bar(double x, double y, double width, double height, string colour, string? hint = null)
    {
        Add($"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{Math.Max(width, 0.3):0.##}\" height=\"{height:0.##}\" fill=\"{colour}\"");
        _text.Append(hint is null ? "/>\n" : $"><title>{WebUtility.HtmlEncode(hint)}</title></rect>\n");
    }

    public void Dot(double x, double y, string colour) => Add($"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"2.6\" fill=\"{colour}\"/>\n");

    public void Path(IEnumerable<(double X, double Y)> points, string colour, bool dashed = false)
    {
        var began = false;
        _text.Append("<path d=\"");
        foreach (var (x, y) in points)
        {
            Add($"{(began ? 'L' : 'M')}{x:0.#} {y:0.#}");
            began = true;
        }

        Add($"\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\" stroke-linejoin=\"round\"{(dashed ? " stroke-dasharray=\"5 4\"" : "")}/>\n");
    }

    public override string ToString() => _text + "</svg>\n";

    private void Add(FormattableString text) => _text.Append(text.ToString(CultureInfo.InvariantCulture));
}
