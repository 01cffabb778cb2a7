namespace Muster.Scheduling.Policies;

/// <summary>Spreads the times of classes and of pairs of classes over their jobs: evenly, and each job with few others.</summary>
internal sealed class PackedSpread
{
    private readonly int _types;
    private readonly List<int>[] _jobs;

    public PackedSpread(JobClasses classes, int types)
    {
        _types = types;
        _jobs = [.. Enumerable.Range(0, classes.Rows).Select(_ => new List<int>())];
        for (var job = 0; job < classes.ClassOf.Count; job++)
            _jobs[classes.ClassOf[job]].Add(job);
    }

    /// <summary>Fills in the shares.</summary>
    /// <param name="times">Time of each class (second = -1) or pair on each type, summed over jobs.</param>
    /// <param name="into">Where to.</param>
    public void Apply(IReadOnlyList<(int First, int Second, int Type, double Time)> times, Shares into)
    {
        var pairs = new SortedDictionary<(int First, int Second), double[]>();
        foreach (var (first, second, type, time) in times)
            if (second < 0)
                foreach (var job in _jobs[first])
                    into.Row(job)[type] = Math.Min(1, time / _jobs[first].Count);
            else if (first == second)
                Round(pairs, _jobs[first], type, time);
            else
                Across(pairs, _jobs[first], _jobs[second], type, time);
        foreach (var ((first, second), share) in pairs)
            into.Pairs.Add(new PairShare(first, second, share));
    }

    /// <summary>Within a class each job goes with its two neighbours in a circle.</summary>
    private void Round(SortedDictionary<(int First, int Second), double[]> pairs, List<int> jobs, int type, double time)
    {
        for (var i = 0; i < jobs.Count; i++)
            Add(pairs, jobs[i], jobs[(i + 1) % jobs.Count], type, time / jobs.Count);
    }

    /// <summary>Across classes the north-west corner rule: every job the same time, with as few partners as possible.</summary>
    private void Across(SortedDictionary<(int First, int Second), double[]> pairs, List<int> first, List<int> second, int type, double time)
    {
        var (i, j) = (0, 0);
        var (leftFirst, leftSecond) = (time / first.Count, time / second.Count);
        while (i < first.Count && j < second.Count)
        {
            var part = Math.Min(leftFirst, leftSecond);
            Add(pairs, first[i], second[j], type, part);
            leftFirst -= part;
            leftSecond -= part;
            if (leftFirst <= 1e-12)
                (i, leftFirst) = (i + 1, time / first.Count);
            if (leftSecond <= 1e-12)
                (j, leftSecond) = (j + 1, time / second.Count);
        }
    }

    private void Add(SortedDictionary<(int First, int Second), double[]> pairs, int a, int b, int type, double share)
    {
        var key = (Math.Min(a, b), Math.Max(a, b));
        if (!pairs.TryGetValue(key, out var shares))
            pairs[key] = shares = new double[_types];
        shares[type] = Math.Min(1, shares[type] + share);
    }
}
