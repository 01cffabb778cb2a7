using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>A whole keyspace at one moment, immutable: taking it copies references, writing it out can take its time.</summary>
/// <param name="Revision">The newest revision, at least 1.</param>
/// <param name="Compacted">The oldest readable revision; -1 when nothing was compacted yet.</param>
/// <param name="Base">What existed at the compacted revision and was written before it; ascending keys.</param>
/// <param name="Events">Every version written from the compacted revision on, in order; number 0 is a delete.</param>
/// <param name="Leases">Every lease, ascending ids. A key's lease is in its newest version.</param>
/// <param name="Requests">Each client's last request, the one applied longest ago first.</param>
public sealed record KeyspaceImage(
    Revision Revision,
    Revision Compacted,
    IReadOnlyList<KeyValue> Base,
    IReadOnlyList<KeyValue> Events,
    ImmutableArray<LeaseTerm> Leases,
    ImmutableArray<RememberedRequest> Requests)
{
    /// <summary>Users, roles and permissions.</summary>
    public AuthImage Auth { get; init; } = AuthImage.None;

    /// <summary>Standing alarms, by member and kind.</summary>
    public ImmutableArray<Alarm> Alarms { get; init; } = [];

    /// <summary>A digest, equal for equal images and, but for chance, different for others. Not against malice.</summary>
    public ulong StateHash() => Snapshots.StateHash.Of(this);

    /// <summary>
    /// A digest of what was written up to a revision and can still be read: equal on members that compacted alike, whatever came
    /// later. Leases, users and remembered requests do not count.
    /// </summary>
    /// <param name="at">Not before the compacted revision and not after the newest.</param>
    public ulong HashAt(Revision at) => Snapshots.StateHash.Of(this, at);

    /// <summary>Keys that exist at the newest revision.</summary>
    public int Live()
    {
        var live = Base.Select(version => version.Key).ToHashSet();
        foreach (var version in Events)
        {
            if (version.Version.Number > 0)
                live.Add(version.Key);
            else
                live.Remove(version.Key);
        }

        return live.Count;
    }

    /// <summary>What makes this no image of any keyspace, or null. An image from outside is checked before use.</summary>
    public string? Flaw() => Snapshots.ImageRules.Flaw(this);
}
