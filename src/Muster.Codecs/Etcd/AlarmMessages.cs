using System.Collections.Immutable;
using Muster.Codecs.Protobuf;

namespace Muster.Codecs.Etcd;

/// <summary>What to do about alarms.</summary>
public enum AlarmAction
{
    /// <summary>List them.</summary>
    Get = 0,

    /// <summary>Raise one.</summary>
    Activate = 1,

    /// <summary>Take one back.</summary>
    Deactivate = 2,
}

/// <summary>What is wrong with a member.</summary>
public enum AlarmType
{
    /// <summary>Nothing; when asked for, every kind.</summary>
    None = 0,

    /// <summary>No space is left under the quota.</summary>
    NoSpace = 1,

    /// <summary>Its state differs from the others'.</summary>
    Corrupt = 2,
}

/// <summary>Lists, raises or takes back alarms.</summary>
/// <param name="Action">Which of these.</param>
/// <param name="Member">Whose; none for all.</param>
/// <param name="Alarm">Which kind.</param>
public readonly record struct AlarmRequest(AlarmAction Action, MemberId Member, AlarmType Alarm) : IProtoMessage<AlarmRequest>
{
    /// <inheritdoc/>
    public static AlarmRequest Read(scoped ref ProtoReader reader)
    {
        var action = default(AlarmAction);
        var member = default(MemberId);
        var alarm = default(AlarmType);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: action = (AlarmAction)reader.Enum(); break;
                case 2: member = new(reader.UInt64()); break;
                case 3: alarm = (AlarmType)reader.Enum(); break;
                default: reader.Skip(); break;
            }
        }

        return new(action, member, alarm);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Number(1, (long)Action);
        writer.Number(2, Member.Number);
        writer.Number(3, (long)Alarm);
    }
}

/// <summary>An alarm that is raised.</summary>
/// <param name="Member">Whose.</param>
/// <param name="Alarm">Which kind.</param>
public readonly record struct AlarmMember(MemberId Member, AlarmType Alarm) : IProtoMessage<AlarmMember>
{
    /// <inheritdoc/>
    public static AlarmMember Read(scoped ref ProtoReader reader)
    {
        var member = default(MemberId);
        var alarm = default(AlarmType);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: member = new(reader.UInt64()); break;
                case 2: alarm = (AlarmType)reader.Enum(); break;
                default: reader.Skip(); break;
            }
        }

        return new(member, alarm);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Number(1, Member.Number);
        writer.Number(2, (long)Alarm);
    }
}

/// <summary>Alarms that are raised.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Alarms">All of them, or the one that changed.</param>
public sealed record AlarmResponse(ResponseHeader Header, ImmutableArray<AlarmMember> Alarms) : IProtoMessage<AlarmResponse>
{
    /// <inheritdoc/>
    public static AlarmResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var alarms = ImmutableArray.CreateBuilder<AlarmMember>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: alarms.Add(reader.Message<AlarmMember>()); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, alarms.DrainToImmutable());
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        foreach (var item in Alarms)
            writer.Message(2, item);
    }
}
