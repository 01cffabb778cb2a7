using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Codecs.Keyspace;

/// <summary>Users, roles, permissions and alarms as bytes; docs/formats/keyspace-commands.md and keyspace-snapshot.md.</summary>
internal static class AuthCodec
{
    private const byte EnableTag = 1, DisableTag = 2, AddUserTag = 3, DeleteUserTag = 4, PasswordTag = 5, GrantRoleTag = 6, RevokeRoleTag = 7;
    private const byte AddRoleTag = 8, DeleteRoleTag = 9, GrantTag = 10, RevokeTag = 11;
    private const byte HeadTag = 1, RoleTag = 2, UserTag = 3;
    private const int PermissionBytesMin = 4, NameBytesMin = 2;

    public static void Write(RecordWriter writer, AuthChange change)
    {
        switch (change)
        {
            case AuthChange.Enable:
                writer.Byte(EnableTag);
                break;
            case AuthChange.Disable:
                writer.Byte(DisableTag);
                break;
            case AuthChange.AddUser(var name, var secret):
                Tagged(writer, AddUserTag, name);
                writer.Bytes(secret);
                break;
            case AuthChange.DeleteUser(var name):
                Tagged(writer, DeleteUserTag, name);
                break;
            case AuthChange.ChangePassword(var name, var secret):
                Tagged(writer, PasswordTag, name);
                writer.Bytes(secret);
                break;
            case AuthChange.GrantRole(var user, var role):
                Tagged(writer, GrantRoleTag, user);
                writer.Name(role);
                break;
            case AuthChange.RevokeRole(var user, var role):
                Tagged(writer, RevokeRoleTag, user);
                writer.Name(role);
                break;
            case AuthChange.AddRole(var name):
                Tagged(writer, AddRoleTag, name);
                break;
            case AuthChange.DeleteRole(var name):
                Tagged(writer, DeleteRoleTag, name);
                break;
            case AuthChange.GrantPermission(var role, var permission):
                Tagged(writer, GrantTag, role);
                Write(writer, permission);
                break;
            case AuthChange.RevokePermission(var role, var keys):
                Tagged(writer, RevokeTag, role);
                writer.Bytes(keys.Start);
                writer.Bytes(keys.End);
                break;
        }
    }

    public static AuthChange ReadChange(ref RecordReader reader) => reader.Byte() switch
    {
        EnableTag => new AuthChange.Enable(),
        DisableTag => new AuthChange.Disable(),
        AddUserTag => new AuthChange.AddUser(reader.Name(), reader.Bytes()),
        DeleteUserTag => new AuthChange.DeleteUser(reader.Name()),
        PasswordTag => new AuthChange.ChangePassword(reader.Name(), reader.Bytes()),
        GrantRoleTag => new AuthChange.GrantRole(reader.Name(), reader.Name()),
        RevokeRoleTag => new AuthChange.RevokeRole(reader.Name(), reader.Name()),
        AddRoleTag => new AuthChange.AddRole(reader.Name()),
        DeleteRoleTag => new AuthChange.DeleteRole(reader.Name()),
        GrantTag => new AuthChange.GrantPermission(reader.Name(), ReadPermission(ref reader)),
        RevokeTag => new AuthChange.RevokePermission(reader.Name(), new(reader.Bytes(), reader.Bytes())),
        var tag => throw reader.Fail($"a change of users and roles has the unknown tag {tag}"),
    };

    public static void Write(RecordWriter writer, Alarm alarm)
    {
        writer.Fixed64(alarm.Member);
        writer.Signed((int)alarm.Kind);
    }

    public static Alarm ReadAlarm(ref RecordReader reader) => new(reader.Fixed64(), (AlarmKind)reader.Int32());

    public static void Write(RecordWriter writer, AuthRecord record)
    {
        switch (record)
        {
            case AuthRecord.Head(var enabled, var revision):
                writer.Byte(HeadTag);
                writer.Flag(enabled);
                writer.Signed(revision);
                break;
            case AuthRecord.Role(var role):
                Tagged(writer, RoleTag, role.Name);
                writer.Unsigned((ulong)role.Permissions.Length);
                foreach (var permission in role.Permissions)
                    Write(writer, permission);
                break;
            case AuthRecord.User(var user):
                Tagged(writer, UserTag, user.Name);
                writer.Bytes(user.Secret);
                writer.Unsigned((ulong)user.Roles.Length);
                foreach (var role in user.Roles)
                    writer.Name(role);
                break;
        }
    }

    public static AuthRecord ReadRecord(ref RecordReader reader)
    {
        switch (reader.Byte())
        {
            case HeadTag:
                return new AuthRecord.Head(reader.Flag(), reader.Signed());
            case RoleTag:
                var role = reader.Name();
                var permissions = new Permission[reader.Count(PermissionBytesMin)];
                for (var i = 0; i < permissions.Length; i++)
                    permissions[i] = ReadPermission(ref reader);
                return new AuthRecord.Role(new(role, ImmutableCollectionsMarshal.AsImmutableArray(permissions)));
            case UserTag:
                var (user, secret) = (reader.Name(), reader.Bytes());
                var roles = ImmutableArray.CreateBuilder<string>(reader.Count(NameBytesMin));
                while (roles.Count < roles.Capacity)
                    roles.Add(reader.Name());
                return new AuthRecord.User(new(user, secret, roles.MoveToImmutable()));
            case var tag:
                throw reader.Fail($"a record of users and roles has the unknown tag {tag}");
        }
    }

    private static void Tagged(RecordWriter writer, byte tag, string name)
    {
        writer.Byte(tag);
        writer.Name(name);
    }

    private static void Write(RecordWriter writer, Permission permission)
    {
        writer.Bytes(permission.Keys.Start);
        writer.Bytes(permission.Keys.End);
        writer.Signed((int)permission.Access);
    }

    private static Permission ReadPermission(ref RecordReader reader) => new(new(reader.Bytes(), reader.Bytes()), (Access)reader.Int32());
}
