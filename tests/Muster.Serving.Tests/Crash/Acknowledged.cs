using System.Collections.Concurrent;
using Muster.Primitives;

namespace Muster.Serving.Tests;

/// <summary>What the server said was done: each key is put once, so a key has one revision and a revision one key.</summary>
internal sealed class Acknowledged
{
    private readonly ConcurrentDictionary<string, Revision> _byKey = [];
    private readonly ConcurrentDictionary<string, bool> _sent = [];

    public int Count => _byKey.Count;

    public void Sent(string key) => _sent[key] = true;

    public void Add(string key, Revision at) => Assert.True(_byKey.TryAdd(key, at));

    /// <summary>Everything that is wrong with what the store holds now.</summary>
    public IEnumerable<string> Faults(OperationResult.Range held)
    {
        var found = held.Keys.ToDictionary(key => key.Key.ToString());
        foreach (var (key, at) in _byKey)
        {
            if (!found.TryGetValue(key, out var present))
                yield return $"{key}, acknowledged at {at}, is lost";
            else if (present.Modified != at || present.Version.Number != 1 || present.Value.ToString() != key)
                yield return $"{key}, acknowledged at {at}, is there at {present.Modified} as version {present.Version}";
        }

        foreach (var twice in held.Keys.GroupBy(key => key.Modified).Where(group => group.Count() > 1))
            yield return $"revision {twice.Key} was used for {string.Join(" and ", twice.Select(key => key.Key))}";
        foreach (var key in held.Keys.Where(key => !_sent.ContainsKey(key.Key.ToString())))
            yield return $"{key.Key} was never sent";
    }
}
