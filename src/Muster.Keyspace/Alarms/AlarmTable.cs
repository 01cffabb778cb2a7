using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace.Alarms;

/// <summary>The standing alarms, and what they forbid.</summary>
/// <remarks>
/// Alarms bind clients, not the server's own records: a client that fills the store must not keep the coordinator from working.
/// What the server itself may add is bounded where commands are proposed.
/// </remarks>
internal sealed class AlarmTable(ImmutableArray<Alarm> standing)
{
    /// <summary>Alarms that may stand; default 1,024, far above members times kinds. One more is refused.</summary>
    public const int AlarmsMax = 1_024;

    /// <summary>By member, then kind.</summary>
    public ImmutableArray<Alarm> Standing { get; private set; } = standing;

    public static int Order(Alarm left, Alarm right)
    {
        var order = left.Member.CompareTo(right.Member);
        return order != 0 ? order : left.Kind.CompareTo(right.Kind);
    }

    public static bool IsKnown(AlarmKind kind) => kind is AlarmKind.NoSpace or AlarmKind.Corrupt;

    /// <summary>Raises an alarm or takes it back; says whether that changed anything, or why it is refused.</summary>
    public (StoreRefusal? Refusal, bool Changed) Set(Alarm alarm, bool raised)
    {
        if (!IsKnown(alarm.Kind) || raised && !Standing.Contains(alarm) && Standing.Length >= AlarmsMax)
            return (StoreRefusal.TooManyRequests, false);
        if (raised == Standing.Contains(alarm))
            return (null, false);
        Standing = raised ? Standing.Add(alarm).Sort(Order) : Standing.Remove(alarm);
        return (null, true);
    }

    /// <summary>Why a command must not be done now; null when it may.</summary>
    public StoreRefusal? Forbids(Command command)
    {
        if (Standing.IsEmpty || command.Author is null || command is Command.SetAlarm or Command.ChangeAuth)
            return null;
        if (Standing.Any(alarm => alarm.Kind == AlarmKind.Corrupt))
            return StoreRefusal.Corrupt;
        return command is Command.GrantLease || CommandCost.Of(command) > 0 ? StoreRefusal.SpaceExceeded : null;
    }
}
