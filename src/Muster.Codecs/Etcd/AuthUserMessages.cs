using Muster.Codecs.Protobuf;

namespace Muster.Codecs.Etcd;

/// <summary>How a user is added.</summary>
/// <param name="HasNoPassword">Whether the user can only be known by a certificate.</param>
public readonly record struct UserAddOptions(bool HasNoPassword) : IProtoMessage<UserAddOptions>
{
    /// <inheritdoc/>
    public static UserAddOptions Read(scoped ref ProtoReader reader)
    {
        var hasNoPassword = false;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: hasNoPassword = reader.Bool(); break;
                default: reader.Skip(); break;
            }
        }

        return new(hasNoPassword);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Flag(1, HasNoPassword);
    }
}

/// <summary>Adds a user.</summary>
/// <param name="Name">The name.</param>
/// <param name="Password">The password.</param>
/// <param name="Options">How; may be absent.</param>
/// <param name="HashedPassword">The password as a hash, of newer clients.</param>
public readonly record struct UserAddRequest(string Name, string Password, UserAddOptions? Options, string HashedPassword)
    : IProtoMessage<UserAddRequest>
{
    /// <inheritdoc/>
    public static UserAddRequest Read(scoped ref ProtoReader reader)
    {
        var name = "";
        var password = "";
        UserAddOptions? options = null;
        var hashedPassword = "";
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.String(); break;
                case 2: password = reader.String(); break;
                case 3: options = reader.Message<UserAddOptions>(); break;
                case 4: hashedPassword = reader.String(); break;
                default: reader.Skip(); break;
            }
        }

        return new(name, password, options, hashedPassword);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Text(1, Name);
        writer.Text(2, Password);
        if (Options is { } present)
            writer.Message(3, present);
        writer.Text(4, HashedPassword);
    }
}

/// <summary>Changes a user's password.</summary>
/// <param name="Name">The name.</param>
/// <param name="Password">The new password.</param>
/// <param name="HashedPassword">The same as a hash, of newer clients.</param>
public readonly record struct UserChangePasswordRequest(string Name, string Password, string HashedPassword)
    : IProtoMessage<UserChangePasswordRequest>
{
    /// <inheritdoc/>
    public static UserChangePasswordRequest Read(scoped ref ProtoReader reader)
    {
        var name = "";
        var password = "";
        var hashedPassword = "";
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.String(); break;
                case 2: password = reader.String(); break;
                case 3: hashedPassword = reader.String(); break;
                default: reader.Skip(); break;
            }
        }

        return new(name, password, hashedPassword);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Text(1, Name);
        writer.Text(2, Password);
        writer.Text(3, HashedPassword);
    }
}
