using Muster.Keyspace.Alarms;
using Muster.Primitives;

namespace Muster.Keyspace.Snapshots;

/// <summary>What every image of a keyspace satisfies; what does not satisfy it was damaged or made up.</summary>
internal static class ImageRules
{
    public static string? Flaw(KeyspaceImage image) =>
        Bounds(image) ?? Base(image) ?? Leases(image) ?? Events(image) ?? Requests(image) ?? image.Auth.Flaw() ?? Alarms(image);

    private static string? Bounds(KeyspaceImage image)
    {
        if (image.Revision.Number < 1)
            return $"revision {image.Revision} is below 1";
        return image.Compacted.Number < -1 || image.Compacted > image.Revision
            ? $"compacted revision {image.Compacted} is outside -1 to {image.Revision}"
            : null;
    }

    private static string? Base(KeyspaceImage image)
    {
        ByteString? before = null;
        foreach (var version in image.Base)
        {
            if (version.Key.IsEmpty || before is { } last && version.Key.CompareTo(last) <= 0)
                return $"key '{version.Key}' of the base is empty or out of order";
            if (version.Version.Number < 1 || version.Created.Number < 1 || version.Created > version.Modified
                || version.Modified >= image.Compacted)
                return $"key '{version.Key}' of the base has impossible revisions";
            before = version.Key;
        }

        return null;
    }

    private static string? Leases(KeyspaceImage image)
    {
        for (var i = 0; i < image.Leases.Length; i++)
        {
            var lease = image.Leases[i];
            if (lease.Lease == LeaseId.None || lease.Seconds < 1 || i > 0 && lease.Lease.CompareTo(image.Leases[i - 1].Lease) <= 0)
                return $"lease {lease.Lease} is 0, out of order, or has a term of {lease.Seconds} s";
        }

        return null;
    }

    // Replays the events over the base: the newest version of each key decides which leases must exist.
    private static string? Events(KeyspaceImage image)
    {
        var newest = new Dictionary<ByteString, KeyValue>(image.Base.Count + image.Events.Count);
        foreach (var version in image.Base)
            newest[version.Key] = version;
        var at = new Revision(Math.Max(image.Compacted.Number, 1));
        foreach (var version in image.Events)
        {
            if (version.Key.IsEmpty || version.Modified < at || version.Modified > image.Revision || version.Modified.Number < 2)
                return $"event of key '{version.Key}' at revision {version.Modified} is out of order";
            at = version.Modified;
            newest.TryGetValue(version.Key, out var previous);
            if (Step(version, previous, image.Compacted) is { } flaw)
                return flaw;
            newest[version.Key] = version;
        }

        var leases = image.Leases.Select(lease => lease.Lease).ToHashSet();
        foreach (var version in newest.Values)
        {
            if (version.Lease != LeaseId.None && !leases.Contains(version.Lease))
                return $"a key is attached to lease {version.Lease}, which does not exist";
        }

        return null;
    }

    private static string? Step(KeyValue version, KeyValue? previous, Revision compacted)
    {
        var oldest = version.Modified == compacted;     // the version before may be gone
        var existed = previous is { Version.Number: > 0 };
        if (version.Version.Number == 0)
        {
            var clean = version.Value.IsEmpty && version.Created.Number == 0 && version.Lease == LeaseId.None;
            return clean && (existed || oldest) ? null : $"delete of key '{version.Key}' at {version.Modified} deletes nothing";
        }

        var right = existed
            ? version.Version.Number == previous!.Version.Number + 1 && version.Created == previous.Created
            : version.Version.Number == 1 ? version.Created == version.Modified
            : oldest && version.Version.Number > 1 && version.Created.Number > 1 && version.Created < version.Modified;
        return right ? null : $"put of key '{version.Key}' at {version.Modified} does not follow from what was before";
    }

    private static string? Alarms(KeyspaceImage image)
    {
        if (image.Alarms.Length > AlarmTable.AlarmsMax)
            return $"{image.Alarms.Length} alarms stand, more than {AlarmTable.AlarmsMax}";
        for (var i = 0; i < image.Alarms.Length; i++)
        {
            if (!AlarmTable.IsKnown(image.Alarms[i].Kind) || i > 0 && AlarmTable.Order(image.Alarms[i - 1], image.Alarms[i]) >= 0)
                return "an alarm is of no known kind, out of order, or listed twice";
        }

        return null;
    }

    private static string? Requests(KeyspaceImage image)
    {
        var clients = new HashSet<ulong>(image.Requests.Length);
        foreach (var request in image.Requests)
        {
            if (!clients.Add(request.Request.Client))
                return $"client {request.Request.Client:x} is listed twice";
            if (request.Result is CommandResult.Refused or CommandResult.Passed)
                return $"client {request.Request.Client:x} has a result that is never kept";
        }

        return null;
    }
}
