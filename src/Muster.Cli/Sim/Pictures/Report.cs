using System.Net;
using System.Text;

namespace Muster.Cli.Sim.Pictures;

/// <summary>One HTML page that needs nothing else: text, tables and pictures.</summary>
internal sealed class Report
{
    private const string Head = """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
        <style>
          :root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:1010px;margin:2rem auto;padding:0 1rem;background:#fff;color:#222}
          h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}svg{max-width:100%;height:auto}
          table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:.25rem .7rem;border-bottom:1px solid #8884;text-align:right}
          td:first-child,th:first-child{text-align:left}.note{color:#777}
          @media(prefers-color-scheme:dark){body{background:#16181c;color:#eee}}
        </style>
        """;

    private readonly StringBuilder _text = new(Head);

    public Report(string title, string under)
    {
        var name = WebUtility.HtmlEncode(title);
        _text.Append($"<title>{name}</title></head><body><h1>{name}</h1><p class=\"note\">{WebUtility.HtmlEncode(under)}</p>\n");
    }

    public Report Section(string title)
    {
        _text.Append($"<h2>{WebUtility.HtmlEncode(title)}</h2>\n");
        return this;
    }

    public Report Note(string text)
    {
        _text.Append($"<p>{WebUtility.HtmlEncode(text)}</p>\n");
        return this;
    }

    public Report Picture(string svg)
    {
        _text.Append("<p>").Append(svg).Append("</p>\n");
        return this;
    }

    public Report Table(IEnumerable<string> head, IEnumerable<IEnumerable<string>> rows)
    {
        _text.Append("<table><tr>");
        foreach (var cell in head)
            _text.Append($"<th>{WebUtility.HtmlEncode(cell)}</th>");
        foreach (var row in rows)
        {
            _text.Append("</tr>\n<tr>");
            foreach (var cell in row)
                _text.Append($"<td>{WebUtility.HtmlEncode(cell)}</td>");
        }

        _text.Append("</tr></table>\n");
        return this;
    }

    public override string ToString() => _text + "</body></html>\n";
}
