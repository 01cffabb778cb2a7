using System.Collections.Immutable;
using Muster.Cli.Show;
using Muster.Jobs.Views;

namespace Muster.Cli.Running;

/// <summary>Shows the output of some ranks as it grows, by reading the files that keepers write.</summary>
internal sealed class OutputFollower(ImmutableArray<int> ranks, IRunDisplay display)
{
    private readonly SortedDictionary<string, LogTail> _tails = new(StringComparer.Ordinal);
    private bool _skip;

    /// <summary>Does not show again what an earlier run has shown.</summary>
    public void SkipPast(JobView view)
    {
        _skip = true;
        Watch(view);
        _skip = false;
    }

    public void Watch(JobView view)
    {
        if (view.OutputDirectory is not { } directory)
            return;
        foreach (var rank in ranks)
        {
            var path = Path.Combine(directory, $"rank-{rank}.log");
            if (rank >= view.WorldSize || _tails.ContainsKey(path))
                continue;
            var tail = new LogTail(path, rank);
            if (_skip)
                tail.SkipToEnd();
            _tails.Add(path, tail);
        }
    }

    public void Read()
    {
        foreach (var tail in _tails.Values)
            tail.Read(display.Output);
    }

    public void Finish()
    {
        foreach (var tail in _tails.Values)
            tail.Finish(display.Output);
    }
}
