using System.Collections.Immutable;
using Muster.Codecs.Protobuf;

namespace Muster.Codecs.Etcd;

/// <summary>Whether users must say who they are.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="IsEnabled">Whether they must.</param>
/// <param name="AuthRevision">Changes with every change of users and roles.</param>
public readonly record struct AuthStatusResponse(ResponseHeader Header, bool IsEnabled, ulong AuthRevision) : IProtoMessage<AuthStatusResponse>
{
    /// <inheritdoc/>
    public static AuthStatusResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var isEnabled = false;
        var authRevision = 0UL;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: isEnabled = reader.Bool(); break;
                case 3: authRevision = reader.UInt64(); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, isEnabled, authRevision);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        writer.Flag(2, IsEnabled);
        writer.Number(3, AuthRevision);
    }
}

/// <summary>Says who one is.</summary>
/// <param name="Name">The user.</param>
/// <param name="Password">The password.</param>
public readonly record struct AuthenticateRequest(string Name, string Password) : IProtoMessage<AuthenticateRequest>
{
    /// <inheritdoc/>
    public static AuthenticateRequest Read(scoped ref ProtoReader reader)
    {
        var name = "";
        var password = "";
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.String(); break;
                case 2: password = reader.String(); break;
                default: reader.Skip(); break;
            }
        }

        return new(name, password);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Text(1, Name);
        writer.Text(2, Password);
    }
}

/// <summary>The token to send as metadata with every call.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Token">The token.</param>
public readonly record struct AuthenticateResponse(ResponseHeader Header, string Token) : IProtoMessage<AuthenticateResponse>
{
    /// <inheritdoc/>
    public static AuthenticateResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var token = "";
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: token = reader.String(); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, token);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        writer.Text(2, Token);
    }
}

/// <summary>Names a user or a role: UserGet, UserDelete, RoleAdd, RoleGet, RoleDelete.</summary>
/// <param name="Name">Its name.</param>
public readonly record struct NameRequest(string Name) : IProtoMessage<NameRequest>
{
    /// <inheritdoc/>
    public static NameRequest Read(scoped ref ProtoReader reader)
    {
        var name = "";
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.String(); break;
                default: reader.Skip(); break;
            }
        }

        return new(name);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Text(1, Name);
    }
}

/// <summary>Names a user and a role: UserGrantRole, UserRevokeRole.</summary>
/// <param name="User">The user.</param>
/// <param name="Role">The role.</param>
public readonly record struct UserRoleRequest(string User, string Role) : IProtoMessage<UserRoleRequest>
{
    /// <inheritdoc/>
    public static UserRoleRequest Read(scoped ref ProtoReader reader)
    {
        var user = "";
        var role = "";
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: user = reader.String(); break;
                case 2: role = reader.String(); break;
                default: reader.Skip(); break;
            }
        }

        return new(user, role);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Text(1, User);
        writer.Text(2, Role);
    }
}

/// <summary>Names: the roles of UserGet, the users of UserList, the roles of RoleList.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Names">The names.</param>
public sealed record NamesResponse(ResponseHeader Header, ImmutableArray<string> Names) : IProtoMessage<NamesResponse>
{
    /// <inheritdoc/>
    public static NamesResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var names = ImmutableArray.CreateBuilder<string>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: names.Add(reader.String()); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, names.DrainToImmutable());
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        foreach (var item in Names)
            writer.TextItem(2, item);
    }
}
