using System.Collections.Immutable;
using Muster.Keyspace.Storage;
using Muster.Primitives;

namespace Muster.Keyspace.Watches;

/// <summary>Reads the log of events for one watch, never dividing a revision.</summary>
internal static class EventReader
{
    public static EventsOutcome Read(VersionedKeys keys, KeyspaceLimits limits, WatchFilter watch, Revision from)
    {
        if (from < keys.Compacted)
            return new EventsOutcome.Compacted(keys.Compacted);
        if (from > keys.Revision)
            return new EventsOutcome.Batch([], from);
        var events = ImmutableArray.CreateBuilder<WatchEvent>();
        var bytes = 0L;
        var log = keys.Events;
        var start = log.Find(from);
        for (var position = start; position < log.End; position++)
        {
            ref var entry = ref log[position];
            var full = bytes >= limits.WatchBatchBytesMax || position - start >= limits.WatchEventsScannedMax;
            if (full && position > start && entry.Version.Modified > log[position - 1].Version.Modified)
                return new EventsOutcome.Batch(events.DrainToImmutable(), entry.Version.Modified);
            if (!Wanted(watch, entry.Version))
                continue;
            var seen = new WatchEvent(entry.Version, null);
            if (watch.ReturnPrevious && !seen.IsCreate)     // a delete of the same revision may be before a create
                seen = seen with { Previous = entry.Previous };
            events.Add(seen);
            bytes += VersionedKeys.Cost(seen.Key) + (seen.Previous is null ? 0 : VersionedKeys.Cost(seen.Previous));
        }

        return new EventsOutcome.Batch(events.DrainToImmutable(), keys.Revision.Next());
    }

    private static bool Wanted(WatchFilter watch, KeyValue version) =>
        !(version.Version.Number == 0 ? watch.NoDeletes : watch.NoPuts) && watch.Keys.Contains(version.Key);
}
