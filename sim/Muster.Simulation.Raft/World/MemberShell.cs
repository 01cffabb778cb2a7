using Muster.Primitives;
using Muster.Raft;

namespace Muster.Simulation.Raft;

/// <summary>Carries out what cores hand out, and dies between any two effects when that is planned.</summary>
internal sealed class MemberShell(RaftWorld world)
{
    /// <summary>Called when a member's state machine has taken an entry.</summary>
    public Action<SimulatedMember, LogEntry>? OnApplied { get; set; }

    /// <summary>Called when a read may be answered from a member's state.</summary>
    public Action<SimulatedMember, ReadGrant>? OnRead { get; set; }

    /// <summary>Called when a stopped member goes on, before it knows what time it is.</summary>
    public Action<SimulatedMember>? OnResumed { get; set; }

    /// <summary>Called when a member's state machine stands at a snapshot, or at the beginning.</summary>
    public Action<SimulatedMember>? OnRestored { get; set; }

    /// <summary>Called when a member takes a snapshot.</summary>
    public Action<SimulatedMember>? OnSnapshotTaken { get; set; }

    public void Start(SimulatedMember member, bool isFirst)
    {
        member.Life++;
        member.EffectsUntilCrash = -1;
        member.ApplyBusyUntil = member.PausedUntil = 0;
        (member.ToStore, member.Storing) = ([], null);
        member.Backlog.Clear();
        member.GrantedReads.Clear();
        member.DrainIsDue = false;
        var recovered = member.Disk.Recover() with { MayHavePromised = !isFirst };
        member.Core = new(member.Options, recovered);
        Restore(member, recovered.Snapshot);
        member.View.Restart(member.Core);
        world.Check(member, member.Core);
        world.Story.Tell(world.Now, $"{member.Id} starts in term {member.Core.Term}; its disk ends at {member.Disk.Last}");
        world.At(world.Now + world.Chance.Next(world.Settings.TickMicroseconds), new(EventKind.Tick, member, member.Life));
    }

    public void Crash(SimulatedMember member)
    {
        world.Counts.Crashes++;
        var survivors = world.Chance.Next(member.Disk.UnsyncedCount + 1);
        var lost = member.Disk.Crash(survivors);
        world.Counts.LostWrites += lost;
        world.Story.Tell(world.Now, $"{member.Id} dies as {member.Core!.Role}; {lost} writes are lost, its disk ends at {member.Disk.Last}");
        member.Core = null;
        member.EffectsUntilCrash = -1;
        world.At(world.Now + 1000 + world.Chance.Next(world.Settings.DownMicroseconds), new(EventKind.Restart, member, member.Life));
        // Where its host still answers, links are closed at once; where it does not, nobody is told.
        if (world.Chance.Chance(0.5))
            foreach (var other in world.Members)
                if (other != member && other.IsUp && !world.Links.IsCut(member.Id, other.Id))
                    world.At(world.Now + world.Chance.Next(3000), new(EventKind.LinkClosed, other, other.Life, null, (long)member.Id.Number));
    }

    public void Handle(SimulatedMember member, Event what)
    {
        switch (what.Kind)
        {
            case EventKind.Tick:
                Tick(member);
                break;
            case EventKind.Deliver:
                Give(member, new Input.Receive(what.Message));
                break;
            case EventKind.Stored:
                Stored(member, what.Batch);
                break;
            case EventKind.AppliedTo:
                Apply(member, what.Ready);
                break;
            case EventKind.Drain:
                member.DrainIsDue = false;
                Drain(member);
                break;
            case EventKind.Resume:
                Resume(member);
                break;
            case EventKind.LinkClosed:
                Give(member, new Input.LinkClosed(new((ulong)what.Number), world.Chance.Next(member.Options.ElectionTicks / 2)));
                break;
            case EventKind.SnapshotSent:
                Give(member, new Input.SnapshotSent(new((ulong)what.Number), world.Chance.Chance(0.7)));
                break;
        }
    }

    /// <summary>Steps, and carries out what follows now or after more inputs.</summary>
    public StepOutcome? Give(SimulatedMember member, Input input)
    {
        if (!member.IsUp)
            return null;
        var outcome = world.Step(member, input);
        if (world.Settings.DrainsAtOnce || world.Chance.Chance(0.6))
        {
            Drain(member);
        }
        else if (!member.DrainIsDue)
        {
            member.DrainIsDue = true;
            world.At(world.Now + 1 + world.Chance.Next(300), new(EventKind.Drain, member, member.Life));
        }

        return outcome;
    }

    private void Tick(SimulatedMember member)
    {
        var period = world.Settings.TickMicroseconds / member.ClockRate;
        // A timer may be late; it is never early.
        var late = world.Chance.Chance(0.05) ? world.Chance.Next(world.Settings.TickMicroseconds / 2) : 0;
        world.At(world.Now + (long)period + late, new(EventKind.Tick, member, member.Life));
        var timeout = world.Settings.FixedTimeouts
            ? member.Options.ElectionTicks
            : member.Options.ElectionTicks + world.Chance.Next(member.Options.ElectionTicks);
        Give(member, new Input.Tick(member.Clock(world.Now), timeout));
    }

    private void Resume(SimulatedMember member)
    {
        member.PausedUntil = 0;
        world.Story.Tell(world.Now, $"{member.Id} goes on");
        OnResumed?.Invoke(member);
        if (!member.IsUp)
            return;
        world.At(world.Now + world.Chance.Next(world.Settings.TickMicroseconds), new(EventKind.Tick, member, member.Life));
        foreach (var what in member.Backlog.ToArray())
            if (member.IsUp && (what.Kind == EventKind.Deliver || what.Life == member.Life))
                Handle(member, what);
        member.Backlog.Clear();
    }

    private void Drain(SimulatedMember member)
    {
        var life = member.Life;
        while (IsAlive(member, life) && member.Core!.HasReady)
            Carry(member, member.Core.TakeReady(), life);
    }

    private void Carry(SimulatedMember member, Ready ready, int life)
    {
        var isSynchronous = member.Options.Storage == StorageMode.Synchronous;
        if (isSynchronous && NeedsStorage(ready))
        {
            Write(member, ready);
            if (!Survives(member))
                return;
            AfterStored(member, ready);
        }

        foreach (var message in ready.Messages)
        {
            if (!IsAlive(member, life) || !Survives(member))
                return;
            Send(member, message);
        }

        if (!IsAlive(member, life))
            return;
        if (!isSynchronous && NeedsStorage(ready))
        {
            Write(member, ready);
            member.ToStore.Add(ready);
            StoreNext(member);
        }

        if (ready.Committed.Length > 0)
        {
            if (isSynchronous)
                Apply(member, ready, drains: false);
            else
                world.At(member.ApplyBusyUntil = Math.Max(member.ApplyBusyUntil, world.Now) + world.Chance.Next(500), new(EventKind.AppliedTo, member, life, ready));
        }

        if (IsAlive(member, life))
            member.GrantedReads.AddRange(ready.Reads);
        AnswerReads(member);
    }

    /// <summary>One sync at a time; what is handed out meanwhile shares the next.</summary>
    private void StoreNext(SimulatedMember member)
    {
        if (member.Storing is not null || member.ToStore.Count == 0)
            return;
        (member.Storing, member.ToStore) = (member.ToStore, []);
        world.At(Math.Max(world.Now, member.DiskFullUntil) + DiskDelay(), new(EventKind.Stored, member, member.Life, member.Storing));
    }

    /// <summary>A disk that was full has room again.</summary>
    public void StoreAtOnce(SimulatedMember member)
    {
        if (member.Storing is { } batch)
            world.At(world.Now + DiskDelay(), new(EventKind.Stored, member, member.Life, batch));
    }

    private void Stored(SimulatedMember member, List<Ready> batch)
    {
        if (!ReferenceEquals(member.Storing, batch))
            return;
        var life = member.Life;
        foreach (var ready in batch)
        {
            if (IsAlive(member, life))
                AfterStored(member, ready);
        }

        if (!IsAlive(member, life))
            return;
        member.Storing = null;
        StoreNext(member);
        Drain(member);
    }

    private static bool NeedsStorage(Ready ready) =>
        ready.Hard is not null || ready.Entries.Length > 0 || ready.Snapshot is not null || ready.AfterStored.Length > 0;

    private static void Write(SimulatedMember member, Ready ready)
    {
        if (ready.Snapshot is { } snapshot)
            member.Disk.Write(new DiskRecord.Installed(snapshot));
        foreach (var entry in ready.Entries)
            member.Disk.Write(new DiskRecord.Entry(entry));
        if (ready.Hard is { } hard)
            member.Disk.Write(new DiskRecord.Hard(hard));
    }

    private void AfterStored(SimulatedMember member, Ready ready)
    {
        var life = member.Life;
        if (ready.MustSync || ready.Snapshot is not null)
            member.Disk.Sync();
        if (ready.Snapshot is { } snapshot && snapshot.Position.Index > member.Machine.At.Index)
            Restore(member, snapshot);
        foreach (var message in ready.AfterStored)
        {
            if (!IsAlive(member, life) || !Survives(member))
                return;
            if (message.To == member.Id)
                world.Step(member, new Input.Receive(message));
            else
                Send(member, message);
        }

        if (!IsAlive(member, life) || !Survives(member))
            return;
        if (ready.Ticket is { } ticket)
            world.Step(member, new Input.Persisted(ticket));
    }

    private void Apply(SimulatedMember member, Ready ready, bool drains = true)
    {
        foreach (var entry in ready.Committed)
        {
            // A snapshot may have come in between.
            if (entry.Index <= member.Machine.At.Index)
                continue;
            if (!Survives(member))
                return;
            member.Machine.Apply(entry);
            world.CheckApply(member, entry);
            OnApplied?.Invoke(member, entry);
        }

        var configuration = member.Core!.Configuration;
        world.Step(member, new Input.Applied(ready.Committed[^1].Index));
        if (!ReferenceEquals(configuration, member.Core.Configuration))
        {
            world.Counts.Changes++;
            world.Story.Tell(world.Now, $"{member.Id} is now in {member.Core.Configuration}");
        }

        MaybeSnapshot(member);
        AnswerReads(member);
        if (drains)
            Drain(member);
    }

    private void MaybeSnapshot(SimulatedMember member)
    {
        var since = member.Machine.At.Index - (member.Core!.State.LatestSnapshot?.Position.Index ?? LogIndex.None);
        if (since < world.Settings.SnapshotEvery || !world.Chance.Chance(0.2) || member.Machine.At.Index != member.Core.Applied)
            return;
        var snapshot = member.Machine.Take(member.Core.Configuration);
        OnSnapshotTaken?.Invoke(member);
        member.Disk.Write(new DiskRecord.Taken(snapshot));
        member.Disk.Sync();
        world.Step(member, new Input.SnapshotTaken(snapshot));
        var keep = world.Chance.Next(world.Settings.SnapshotEvery + 1);
        var upTo = LogIndex.Min(snapshot.Position.Index + -keep, member.Core.Stored);
        if (upTo > LogIndex.None)
            world.Step(member, new Input.Compact(upTo));
    }

    private void AnswerReads(SimulatedMember member)
    {
        for (var i = member.GrantedReads.Count - 1; i >= 0 && member.IsUp; i--)
        {
            if (member.GrantedReads[i].Index > member.Machine.At.Index)
                continue;
            OnRead?.Invoke(member, member.GrantedReads[i]);
            member.GrantedReads.RemoveAt(i);
        }
    }

    private void Send(SimulatedMember from, Message message)
    {
        world.CheckSend(from, message);
        var to = world.Find(message.To);
        if (message is Message.InstallSnapshot)
        {
            world.Counts.Snapshots++;
            world.At(world.Now + 5000 + world.Chance.Next(20_000), new(EventKind.SnapshotSent, from, from.Life, null, (long)message.To.Number));
        }

        if (to is not { IsUp: true } || world.Links.IsCut(from.Id, message.To) || world.Links.IsLost())
        {
            world.Counts.LostMessages++;
            return;
        }

        world.At(world.Links.ArrivalOf(message, world.Now), new(EventKind.Deliver, to, 0, message));
        if (!world.Links.IsDuplicated())
            return;
        world.Counts.Duplicates++;
        world.At(world.Links.ArrivalOf(message, world.Now), new(EventKind.Deliver, to, 0, message));
    }

    private void Restore(SimulatedMember member, Snapshot? snapshot)
    {
        member.Machine.Restore(snapshot);
        OnRestored?.Invoke(member);
    }

    private long DiskDelay() => world.DiskMicroseconds / 4 + world.Chance.Next(world.DiskMicroseconds * 2);

    private static bool IsAlive(SimulatedMember member, int life) => member.IsUp && member.Life == life;

    /// <summary>Counts one effect; false when the member died before it.</summary>
    private bool Survives(SimulatedMember member)
    {
        if (member.EffectsUntilCrash < 0 || member.EffectsUntilCrash-- > 0)
            return true;
        Crash(member);
        return false;
    }
}
