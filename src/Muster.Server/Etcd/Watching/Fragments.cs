using System.Collections.Immutable;
using Muster.Codecs.Etcd;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Server.Etcd.Watching;

/// <summary>Divides a long answer for a client that allowed it: all parts but the last say that another follows.</summary>
internal static class Fragments
{
    // What the fields around a key and a value take at most, twice.
    private const long EventOverheadBytes = 160;

    /// <param name="answer">With its events.</param>
    /// <param name="bytesMax">Of one part; a single event may be longer.</param>
    public static IEnumerable<(WatchResponse Part, long Bytes)> Of(WatchResponse answer, long bytesMax)
    {
        var start = 0;
        while (true)
        {
            var (end, bytes) = (start, 0L);
            while (end < answer.Events.Length && (end == start || bytes + Bytes(answer.Events[end]) < bytesMax))
                bytes += Bytes(answer.Events[end++]);
            var isLast = end == answer.Events.Length;
            yield return (answer with { Events = answer.Events[start..end], IsFragment = !isLast }, bytes);
            if (isLast)
                yield break;
            start = end;
        }
    }

    public static long Bytes(ImmutableArray<WatchEvent> events)
    {
        var bytes = 0L;
        foreach (var change in events)
            bytes += Bytes(change);
        return bytes;
    }

    private static long Bytes(WatchEvent change) =>
        EventOverheadBytes + Bytes(change.Key) + (change.Previous is { } previous ? Bytes(previous) : 0);

    private static long Bytes(KeyValue key) => key.Key.Length + key.Value.Length;
}
