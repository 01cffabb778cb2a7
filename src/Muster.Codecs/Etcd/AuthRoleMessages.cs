using System.Collections.Immutable;
using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>What a role may do with keys.</summary>
public enum PermissionType
{
    /// <summary>Read them.</summary>
    Read = 0,

    /// <summary>Write and delete them.</summary>
    Write = 1,

    /// <summary>Both.</summary>
    ReadWrite = 2,
}

/// <summary>What a role may do with which keys.</summary>
/// <param name="Type">What.</param>
/// <param name="Key">The key, or the first of a range.</param>
/// <param name="RangeEnd">Where the range ends; empty for one key.</param>
public readonly record struct Permission(PermissionType Type, ByteString Key, ByteString RangeEnd) : IProtoMessage<Permission>
{
    /// <inheritdoc/>
    public static Permission Read(scoped ref ProtoReader reader)
    {
        var type = default(PermissionType);
        var key = default(ByteString);
        var rangeEnd = default(ByteString);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: type = (PermissionType)reader.Enum(); break;
                case 2: key = reader.ByteString(); break;
                case 3: rangeEnd = reader.ByteString(); break;
                default: reader.Skip(); break;
            }
        }

        return new(type, key, rangeEnd);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Number(1, (long)Type);
        writer.Bytes(2, Key);
        writer.Bytes(3, RangeEnd);
    }
}

/// <summary>Lets a role do something.</summary>
/// <param name="Role">The role.</param>
/// <param name="Permission">What; absent is refused.</param>
public readonly record struct RoleGrantPermissionRequest(string Role, Permission? Permission) : IProtoMessage<RoleGrantPermissionRequest>
{
    /// <inheritdoc/>
    public static RoleGrantPermissionRequest Read(scoped ref ProtoReader reader)
    {
        var role = "";
        Permission? permission = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: role = reader.String(); break;
                case 2: permission = reader.Message<Permission>(); break;
                default: reader.Skip(); break;
            }
        }

        return new(role, permission);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Text(1, Role);
        if (Permission is { } present)
            writer.Message(2, present);
    }
}

/// <summary>Takes something from a role.</summary>
/// <param name="Role">The role.</param>
/// <param name="Key">The key, or the first of a range.</param>
/// <param name="RangeEnd">Where the range ends; empty for one key.</param>
public readonly record struct RoleRevokePermissionRequest(string Role, ByteString Key, ByteString RangeEnd)
    : IProtoMessage<RoleRevokePermissionRequest>
{
    /// <inheritdoc/>
    public static RoleRevokePermissionRequest Read(scoped ref ProtoReader reader)
    {
        var role = "";
        var key = default(ByteString);
        var rangeEnd = default(ByteString);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: role = reader.String(); break;
                case 2: key = reader.ByteString(); break;
                case 3: rangeEnd = reader.ByteString(); break;
                default: reader.Skip(); break;
            }
        }

        return new(role, key, rangeEnd);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Text(1, Role);
        writer.Bytes(2, Key);
        writer.Bytes(3, RangeEnd);
    }
}

/// <summary>What a role may do.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Permissions">Everything.</param>
public sealed record RoleGetResponse(ResponseHeader Header, ImmutableArray<Permission> Permissions) : IProtoMessage<RoleGetResponse>
{
    /// <inheritdoc/>
    public static RoleGetResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var permissions = ImmutableArray.CreateBuilder<Permission>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: permissions.Add(reader.Message<Permission>()); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, permissions.DrainToImmutable());
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        foreach (var item in Permissions)
            writer.Message(2, item);
    }
}
