using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace.Requests;

/// <summary>The last applied request of each client, so that a request sent twice is applied once.</summary>
/// <remarks>
/// A client sends one request at a time; one that wants several in flight is several clients. Refused requests are not
/// remembered: they changed nothing, and sent again they are judged again. When the table is full, the client whose last
/// request was applied longest ago is forgotten; the order is part of the state, so all members forget the same one.
/// </remarks>
internal sealed class RequestTable(KeyspaceLimits limits)
{
    private readonly Dictionary<ulong, LinkedListNode<RememberedRequest>> _byClient = [];
    private readonly LinkedList<RememberedRequest> _oldestFirst = [];

    /// <summary>What to answer without applying, or null when the request is new.</summary>
    public CommandResult? Find(RequestId request)
    {
        if (!_byClient.TryGetValue(request.Client, out var node) || node.Value.Request.Sequence < request.Sequence)
            return null;
        var last = node.Value;
        return last.Request == request && last.Result is { } result ? result : new CommandResult.Passed(last.Request.Sequence);
    }

    public void Remember(RequestId request, CommandResult result)
    {
        if (_byClient.Remove(request.Client, out var old))
            _oldestFirst.Remove(old);
        else if (_byClient.Count >= limits.ClientsMax && _oldestFirst.First is { } oldest)
        {
            _byClient.Remove(oldest.Value.Request.Client);
            _oldestFirst.RemoveFirst();
        }

        var kept = ResultSize.Of(result) <= limits.RememberedResultBytesMax ? result : null;
        Add(new(request, kept));
    }

    public void Add(RememberedRequest remembered) =>
        _byClient.Add(remembered.Request.Client, _oldestFirst.AddLast(remembered));

    /// <summary>A client's last request, or null.</summary>
    public RememberedRequest? Last(ulong client) => _byClient.TryGetValue(client, out var node) ? node.Value : null;

    /// <summary>Every client's last request, the one applied longest ago first.</summary>
    public ImmutableArray<RememberedRequest> All() => [.. _oldestFirst];
}
