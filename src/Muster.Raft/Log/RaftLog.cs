using System.Diagnostics;
using Muster.Primitives;

namespace Muster.Raft;

/// <summary>The log from the last compaction on, and how far it is stored, decided and applied.</summary>
/// <remarks>
/// <para>stored ≤ handed out ≤ last, applied ≤ applying ≤ committed ≤ last. Entries are in memory; the shell stores what it is handed.</para>
/// <para>Nothing decided is ever replaced: <see cref="TryAppend"/> stops the process first.</para>
/// </remarks>
internal sealed class RaftLog
{
    private readonly EntryWindow _entries = new();

    public RaftLog(Snapshot? snapshot, IEnumerable<LogEntry> entries, LogIndex applied)
    {
        Base = snapshot?.Position ?? default;
        foreach (var entry in entries.Where(entry => entry.Index > Base.Index))
        {
            Invariant.Require(entry.Index == Last.Index.Next());
            _entries.Add(entry);
        }

        Stored = HandedOut = Last.Index;
        Committed = Base.Index;
        Applied = Applying = LogIndex.Max(applied, Base.Index);
    }

    /// <summary>The last entry that is not there any more.</summary>
    public LogPosition Base { get; private set; }

    public LogIndex First => Base.Index.Next();

    public LogPosition Last => _entries.Count == 0 ? Base : _entries[_entries.Count - 1].Position;

    public LogIndex Committed { get; private set; }

    /// <summary>Handed to the state machine up to here.</summary>
    public LogIndex Applying { get; private set; }

    public LogIndex Applied { get; private set; }

    /// <summary>Durable up to here on this member.</summary>
    public LogIndex Stored { get; private set; }

    public LogPosition LastStored => new(TermAt(Stored)!.Value, Stored);

    /// <summary>Handed to the shell for storing up to here.</summary>
    public LogIndex HandedOut { get; private set; }

    /// <summary>A snapshot received and not yet durable.</summary>
    public Snapshot? Incoming { get; private set; }

    /// <summary>Whether <see cref="Incoming"/> is still to be handed to the shell.</summary>
    public bool IncomingIsNew { get; private set; }

    public LogEntry this[LogIndex index] => _entries[(int)(index - First)];

    /// <summary>The term of the entry at a slot; nothing when it was compacted or is not there yet.</summary>
    public Term? TermAt(LogIndex index) =>
        index < Base.Index || index > Last.Index ? null
        : index == Base.Index ? Base.Term
        : this[index].Term;

    public bool Holds(LogPosition position) => TermAt(position.Index) == position.Term;

    /// <summary>Adds entries that this member, as leader, has made.</summary>
    public void Append(LogEntry entry)
    {
        Invariant.Require(entry.Index == Last.Index.Next());
        _entries.Add(entry);
    }

    /// <summary>Adds what a leader sent, if the log holds the entry before it; replaces what contradicts it.</summary>
    /// <returns>The last slot known to agree with the leader's log; nothing when the entry before is missing.</returns>
    public LogIndex? TryAppend(LogPosition previous, ReadOnlySpan<LogEntry> entries)
    {
        if (!Holds(previous))
            return null;
        var at = 0;
        while (at < entries.Length && Holds(entries[at].Position))
            at++;
        if (at < entries.Length)
        {
            TruncateFrom(entries[at].Index);
            for (; at < entries.Length; at++)
                Append(entries[at]);
        }

        return previous.Index + entries.Length;
    }

    /// <summary>The last entry not later than the given slot whose term is not above the given term: where two logs may first agree.</summary>
    /// <remarks>Lets a rejection skip whole terms rather than single entries. Term 0 says: compacted, unknown.</remarks>
    public LogPosition LastNotAbove(LogIndex index, Term term)
    {
        for (; ; index = index.Previous())
        {
            if (index <= LogIndex.None || TermAt(index) is not { } ours)
                return new(Term.None, LogIndex.Max(index, LogIndex.None));
            if (ours <= term)
                return new(ours, index);
        }
    }

    /// <summary>Entries from a slot on, at least one if there is one, otherwise within a size.</summary>
    public LogEntry[] Slice(LogIndex from, long bytesMax) => Slice(from, Last.Index, bytesMax);

    /// <summary>Entries of an interval, at least one if there is one, otherwise within a size.</summary>
    public LogEntry[] Slice(LogIndex from, LogIndex to, long bytesMax)
    {
        Debug.Assert(from > Base.Index);
        if (from > to)
            return [];
        var count = 0;
        var limit = (int)(to - from) + 1;
        var first = (int)(from - First);
        for (long bytes = 0; count < limit; count++)
        {
            bytes += _entries[first + count].SizeBytes;
            if (bytes > bytesMax && count > 0)
                break;
        }

        return _entries.Copy(first, count);
    }

    /// <summary>Takes note that the log is decided up to a slot; never goes back.</summary>
    public bool CommitTo(LogIndex index)
    {
        if (index <= Committed)
            return false;
        Invariant.Require(index <= Last.Index);
        Committed = index;
        return true;
    }

    public LogPosition CommittedPosition => new(TermAt(Committed)!.Value, Committed);

    /// <summary>Another member knows the log to be decided up to an entry: if it is the one that stands here, this member does now.</summary>
    public void LearnCommitted(LogPosition position)
    {
        if (position.Index > Committed && Holds(position))
            CommitTo(position.Index);
    }

    /// <summary>What the shell has not been given for storing; from now on it has.</summary>
    public LogEntry[] HandOut()
    {
        var entries = Slice(HandedOut.Next(), long.MaxValue);
        HandedOut = Last.Index;
        return entries;
    }

    public bool HasUnstored => Stored < Last.Index;

    /// <summary>The shell has made everything up to an entry durable; void when that entry has been replaced since.</summary>
    public void StoredTo(LogPosition position)
    {
        if (position.Index > Stored && Holds(position))
            Stored = position.Index;
    }

    public LogIndex AppliableTo(bool alsoUnstored) =>
        Incoming is not null ? Applying : alsoUnstored ? Committed : LogIndex.Min(Committed, Stored);

    /// <summary>Decided entries for the state machine; from now on they are being applied.</summary>
    public LogEntry[] HandToStateMachine(bool alsoUnstored, long bytesMax)
    {
        var entries = Slice(Applying.Next(), AppliableTo(alsoUnstored), bytesMax);
        Applying += entries.Length;
        return entries;
    }

    public void AppliedTo(LogIndex index)
    {
        Invariant.Require(index <= Committed);
        Applied = LogIndex.Max(Applied, index);
        Applying = LogIndex.Max(Applying, index);
    }

    /// <summary>Puts a snapshot in the place of everything.</summary>
    public void Restore(Snapshot snapshot)
    {
        Invariant.Require(snapshot.Position.Index > Committed);
        _entries.Clear();
        Base = snapshot.Position;
        Committed = Stored = HandedOut = Base.Index;
        Incoming = snapshot;
        IncomingIsNew = true;
    }

    public Snapshot? HandOutSnapshot()
    {
        var snapshot = IncomingIsNew ? Incoming : null;
        IncomingIsNew = false;
        return snapshot;
    }

    /// <summary>A received snapshot is durable: the state machine now stands at it.</summary>
    public void SnapshotStored(LogIndex index)
    {
        AppliedTo(index);
        if (Incoming?.Position.Index == index)
            Incoming = null;
    }

    /// <summary>Drops entries up to and including a slot.</summary>
    public void Compact(LogIndex upTo)
    {
        if (upTo <= Base.Index)
            return;
        Invariant.Require(upTo <= Applied && upTo <= Stored);
        var position = this[upTo].Position;
        _entries.RemoveFirst((int)(upTo - Base.Index));
        Base = position;
    }

    private void TruncateFrom(LogIndex index)
    {
        Invariant.Require(index > Committed);
        _entries.Truncate((int)(index - First));
        Stored = LogIndex.Min(Stored, index.Previous());
        HandedOut = LogIndex.Min(HandedOut, index.Previous());
    }
}
