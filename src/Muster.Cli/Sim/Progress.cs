using System.Diagnostics;

namespace Muster.Cli.Sim;

/// <summary>A bar on the terminal; without one, nothing.</summary>
internal sealed class Progress(int total, int before)
{
    private const int Cells = 30;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly bool _shown = !Console.IsErrorRedirected && total > 0;
    private readonly int _before = before;
    private int _done = before;

    public void Done(string what)
    {
        _done++;
        if (!_shown)
            return;
        var filled = Cells * _done / total;
        var left = _watch.Elapsed / Math.Max(1, _done - _before) * (total - _done);
        var line = $"[{new string('█', filled)}{new string('·', Cells - filled)}] {_done}/{total}, {left.TotalSeconds:0} s left  {what}";
        Console.Error.Write($"\r\x1b[K{Show.Style.Cut(line, Math.Max(40, Console.WindowWidth - 1))}");
    }

    public void End()
    {
        if (_shown)
            Console.Error.Write("\r\x1b[K");
    }
}
