using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace.Tests;

public sealed class ImageTests
{
    [Fact]
    public void A_backup_restored_at_a_later_revision_grants_nothing_twice()
    {
        var machine = Filled();

        var moved = KeyspaceMachine.Restore(machine.ImageMovedTo(new(1_000)), KeyspaceLimits.Default);
        moved.Apply(new Command.Transact(Transaction.Always(new Operation.Put(ByteString.From("new"), default))));

        Assert.Equal(1_001, moved.Revision.Number);
        Assert.Equal("1001", Read(moved, "new").Created.ToString());
        Assert.Equal(Read(machine, "b"), Read(moved, "b"));
        Assert.Equal(machine.Lease(new(5))!.Keys, moved.Lease(new(5))!.Keys);
        Assert.IsType<ReadOutcome.Refused>(moved.Read(new Operation.Range(KeyRange.All) { At = new(999) }));
        Assert.Throws<ArgumentException>(() => machine.ImageMovedTo(machine.Revision));
    }

    [Fact]
    public void An_image_does_not_change_with_its_machine()
    {
        var machine = Filled();
        var image = machine.Image();
        var hash = image.StateHash();

        machine.Apply(new Command.RevokeLease(new(5)));
        machine.Apply(new Command.Compact(machine.Revision));

        Assert.Equal(hash, image.StateHash());
        Assert.NotEqual(hash, machine.StateHash());
        Assert.Equal(hash, KeyspaceMachine.Restore(image, KeyspaceLimits.Default).StateHash());
    }

    [Fact]
    public void A_digest_at_a_revision_stays_whatever_is_written_later()
    {
        var machine = Filled();
        var at = machine.Revision;
        var digest = machine.Image().HashAt(at);

        machine.Apply(new Command.Transact(Transaction.Always(new Operation.Put(ByteString.From("later"), default))));
        machine.Apply(new Command.GrantLease(new(77), 10));

        Assert.Equal(digest, machine.Image().HashAt(at));
        Assert.NotEqual(digest, machine.Image().HashAt(machine.Revision));
        machine.Apply(new Command.Compact(at));
        Assert.NotEqual(digest, machine.Image().HashAt(at));
    }

    [Fact]
    public void Users_and_roles_come_along_in_a_backup_and_alarms_stay_behind()
    {
        var machine = Filled();
        machine.Apply(new Command.ChangeAuth(new AuthChange.AddRole("r")));
        machine.Apply(new Command.ChangeAuth(new AuthChange.AddUser("ann", ByteString.From("digest"))));
        machine.Apply(new Command.SetAlarm(new(1, AlarmKind.NoSpace), Raised: true));

        var moved = KeyspaceMachine.Restore(machine.ImageMovedTo(new(1_000)), KeyspaceLimits.Default);

        Assert.Equal(["ann"], moved.Auth.Users.Select(user => user.Name));
        Assert.Equal(machine.Auth.Revision, moved.Auth.Revision);
        Assert.Empty(moved.Alarms);
    }

    [Fact]
    public void What_is_no_image_is_refused_with_the_reason()
    {
        var good = Filled().Image();
        var put = good.Events[0];
        ImmutableArray<(KeyspaceImage Image, string Reason)> bad =
        [
            (good with { Revision = new(0) }, "below 1"),
            (good with { Compacted = new(99) }, "outside"),
            (good with { Revision = new(2) }, "out of order"),
            (good with { Base = [put] }, "impossible revisions"),
            (good with { Events = [put, put] }, "does not follow"),
            (good with { Events = [put with { Version = default, Created = default, Value = default }] }, "deletes nothing"),
            (good with { Events = [put with { Key = default }] }, "out of order"),
            (good with { Leases = [] }, "which does not exist"),
            (good with { Leases = [new(new(5), 10), new(new(5), 10)] }, "out of order"),
            (good with { Requests = [.. good.Requests, .. good.Requests] }, "listed twice"),
            (good with { Requests = [new(new(1, 1), new CommandResult.Passed(1))] }, "never kept"),
        ];

        Assert.Null(good.Flaw());
        Assert.All(bad, one => Assert.Contains(one.Reason, one.Image.Flaw(), StringComparison.Ordinal));
        Assert.All(bad, one => Assert.Throws<ArgumentException>(() => KeyspaceMachine.Restore(one.Image, KeyspaceLimits.Default)));
    }

    [Fact]
    public void Every_part_of_the_state_is_in_the_digest()
    {
        var good = Filled().Image();
        var put = good.Events[0];
        ImmutableArray<KeyspaceImage> others =
        [
            good with { Revision = good.Revision.Next() },
            good with { Compacted = new(0) },
            good with { Events = [put with { Value = ByteString.From("other") }, .. good.Events.Skip(1)] },
            good with { Events = [put with { Key = ByteString.From("other") }, .. good.Events.Skip(1)] },
            good with { Events = [put with { Lease = new(9) }, .. good.Events.Skip(1)] },
            good with { Base = [put] },
            good with { Leases = [new(new(5), 11)] },
            good with { Requests = [] },
            good with { Requests = [good.Requests[0] with { Result = null }] },
            good with { Requests = [good.Requests[0] with { Request = new(1, 2) }] },
        ];

        Assert.Equal(others.Length + 1, others.Append(good).Select(image => image.StateHash()).Distinct().Count());
        Assert.Equal(good.StateHash(), Filled().StateHash());
    }

    private static KeyspaceMachine Filled()
    {
        var machine = new KeyspaceMachine(KeyspaceLimits.Default);
        machine.Apply(new Command.GrantLease(new(5), 10));
        machine.Apply(Put("a") with { Request = new RequestId(1, 1) });
        machine.Apply(Put("b"));
        machine.Apply(Put("a"));
        machine.Apply(new Command.Transact(Transaction.Always(new Operation.Delete(KeyRange.Single(ByteString.From("a"))))));
        return machine;
    }

    private static Command.Transact Put(string key) =>
        new(Transaction.Always(new Operation.Put(ByteString.From(key), ByteString.From("v"), new(5))));

    private static KeyValue Read(KeyspaceMachine machine, string key) =>
        Assert.Single(Assert.IsType<ReadOutcome.Found>(machine.Read(new Operation.Range(KeyRange.Single(ByteString.From(key))))).Range.Keys);
}
