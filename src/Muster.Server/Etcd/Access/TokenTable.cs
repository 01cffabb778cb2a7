using Muster.Primitives;

namespace Muster.Server.Etcd.Access;

/// <summary>Bounds of the tokens that were handed out.</summary>
internal sealed record TokenLimits
{
    public static TokenLimits Default { get; } = new();

    /// <summary>How long a token lives after it was last used; default 5 minutes, as etcd's.</summary>
    public TimeSpan Life { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Tokens alive at once; default 100,000. One more ends the one that was not used for longest.</summary>
    public int TokensMax { get; init; } = 100_000;
}

/// <summary>Who holds which token: in memory only, so that a restart asks everybody for the password again.</summary>
/// <remarks>Clients of etcd do so by themselves when a token is refused. Time comes in; one loop owns it.</remarks>
internal sealed class TokenTable(TokenLimits limits)
{
    private readonly Dictionary<string, LinkedListNode<Entry>> _tokens = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _longestUnused = [];

    public int Count => _tokens.Count;

    /// <summary>A new token is good from now on.</summary>
    public void Add(string token, string user, Instant now)
    {
        Expire(now);
        if (_tokens.Count >= limits.TokensMax)
            Remove(_longestUnused.First!);
        _tokens.Add(token, _longestUnused.AddLast(new Entry(token, user, now + limits.Life)));
    }

    /// <summary>Whose token it is, and it lives on; null when it is nobody's or its time is over.</summary>
    public string? Use(string token, Instant now)
    {
        Expire(now);
        if (!_tokens.TryGetValue(token, out var node))
            return null;
        _longestUnused.Remove(node);
        node.Value = node.Value with { Until = now + limits.Life };
        _longestUnused.AddLast(node);
        return node.Value.User;
    }

    /// <summary>A user's tokens end: the password changed, or the user is gone.</summary>
    public void EndOf(string user)
    {
        for (var node = _longestUnused.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.User == user)
                Remove(node);
            node = next;
        }
    }

    /// <summary>All tokens end.</summary>
    public void Clear()
    {
        _tokens.Clear();
        _longestUnused.Clear();
    }

    private void Expire(Instant now)
    {
        while (_longestUnused.First is { } oldest && oldest.Value.Until <= now)
            Remove(oldest);
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _tokens.Remove(node.Value.Token);
        _longestUnused.Remove(node);
    }

    private readonly record struct Entry(string Token, string User, Instant Until);
}
