namespace Muster.Keyspace;

/// <summary>What is wrong; numbered as in etcd's protocol.</summary>
public enum AlarmKind
{
    /// <summary>The space quota is used up: clients can delete, compact and read, and not put.</summary>
    NoSpace = 1,

    /// <summary>Members hold different data: clients can read, and change nothing but alarms, users and roles.</summary>
    Corrupt = 2,
}

/// <summary>A standing alarm, part of the replicated state: it stays until somebody takes it back.</summary>
/// <param name="Member">The member that raised it.</param>
/// <param name="Kind">What is wrong.</param>
public readonly record struct Alarm(ulong Member, AlarmKind Kind);
