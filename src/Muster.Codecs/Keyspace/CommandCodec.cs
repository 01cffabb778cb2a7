using System.Buffers;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Codecs.Keyspace;

/// <summary>Commands as bytes: the payload of the keyspace's log records.</summary>
/// <remarks>
/// Format: docs/formats/keyspace-commands.md. Canonical: equal commands have equal bytes, and bytes that no encoder would write
/// are refused. A command is written in the lowest version that can express it, so that a log without clients, users and alarms
/// can be read by the program before. Decoding allocates at most 16 times the input.
/// </remarks>
public static class CommandCodec
{
    /// <summary>The newest version written and read.</summary>
    public const byte Version = 2;

    private const byte TransactTag = 1, GrantTag = 2, RevokeTag = 3, CompactTag = 4, AuthTag = 5, AlarmTag = 6;
    private const byte RequestFlag = 1, AuthorFlag = 2;

    /// <summary>A command's bytes.</summary>
    /// <exception cref="ArgumentException">Transactions are nested more than 256 deep, which the rules forbid anyway.</exception>
    public static byte[] Encode(Command command)
    {
        var writer = new RecordWriter();
        Write(writer, command);
        return writer.Written.ToArray();
    }

    /// <summary>Appends a command's bytes.</summary>
    /// <exception cref="ArgumentException">Transactions are nested more than 256 deep, which the rules forbid anyway.</exception>
    public static void Encode(Command command, IBufferWriter<byte> output)
    {
        var writer = new RecordWriter();
        Write(writer, command);
        output.Write(writer.Written.Span);
    }

    /// <summary>The command that some bytes hold, all of them.</summary>
    /// <exception cref="CodecException">They hold no command, or one of a newer version.</exception>
    public static Command Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new RecordReader(bytes, 0);
        var version = reader.Byte();
        if (version > Version)
            throw new CodecException("keyspace command", 0, $"the command has format version {version}; this program reads version {Version}: upgrade it");
        var tag = reader.Byte();
        var flags = reader.Byte();
        if (flags > (RequestFlag | AuthorFlag) || version != VersionOf(tag, (flags & AuthorFlag) != 0))
            throw reader.Fail($"format version {version} does not go with the tag {tag} and the flags {flags}");
        RequestId? request = (flags & RequestFlag) != 0 ? new RequestId(reader.Fixed64(), reader.Unsigned()) : null;
        var author = (flags & AuthorFlag) != 0 ? new Author(reader.Name(), reader.Signed()) : null;
        Command command = tag switch
        {
            TransactTag => new Command.Transact(TransactionCodec.Read(ref reader)),
            GrantTag => new Command.GrantLease(new(reader.Signed()), reader.Signed()),
            RevokeTag => new Command.RevokeLease(new(reader.Signed())),
            CompactTag => new Command.Compact(new(reader.Signed())),
            AuthTag => new Command.ChangeAuth(AuthCodec.ReadChange(ref reader)),
            AlarmTag => new Command.SetAlarm(AuthCodec.ReadAlarm(ref reader), reader.Flag()),
            _ => throw new CodecException("keyspace command", 1, $"a command has the unknown tag {tag}"),
        };
        reader.End();
        return request is null && author is null ? command : command with { Request = request, Author = author };
    }

    private static byte VersionOf(byte tag, bool hasAuthor) => hasAuthor || tag > CompactTag ? (byte)2 : (byte)1;

    private static byte TagOf(Command command) => command switch
    {
        Command.Transact => TransactTag,
        Command.GrantLease => GrantTag,
        Command.RevokeLease => RevokeTag,
        Command.Compact => CompactTag,
        Command.ChangeAuth => AuthTag,
        _ => AlarmTag,
    };

    private static void Write(RecordWriter writer, Command command)
    {
        writer.Byte(VersionOf(TagOf(command), command.Author is not null));
        writer.Byte(TagOf(command));
        writer.Byte((byte)((command.Request is null ? 0 : RequestFlag) | (command.Author is null ? 0 : AuthorFlag)));
        if (command.Request is { } request)
        {
            writer.Fixed64(request.Client);
            writer.Unsigned(request.Sequence);
        }

        if (command.Author is { } author)
        {
            writer.Name(author.User);
            writer.Signed(author.AuthRevision);
        }

        WriteBody(writer, command);
    }

    private static void WriteBody(RecordWriter writer, Command command)
    {
        switch (command)
        {
            case Command.Transact(var transaction):
                TransactionCodec.Write(writer, transaction);
                break;
            case Command.GrantLease(var lease, var seconds):
                writer.Signed(lease.Number);
                writer.Signed(seconds);
                break;
            case Command.RevokeLease(var lease):
                writer.Signed(lease.Number);
                break;
            case Command.Compact(var at):
                writer.Signed(at.Number);
                break;
            case Command.ChangeAuth(var change):
                AuthCodec.Write(writer, change);
                break;
            case Command.SetAlarm(var alarm, var raised):
                AuthCodec.Write(writer, alarm);
                writer.Flag(raised);
                break;
        }
    }
}
