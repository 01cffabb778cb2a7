using System.Buffers;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Codecs.Keyspace;

/// <summary>Commands as bytes: the payload of the keyspace's log records.</summary>
/// <remarks>
/// Format: docs/formats/keyspace-commands.md. Canonical: equal commands have equal bytes, and bytes that no encoder would write
/// are refused. Decoding allocates at most 16 times the input.
/// </remarks>
public static class CommandCodec
{
    /// <summary>The version written, and the newest read.</summary>
    public const byte Version = 1;

    private const byte TransactTag = 1, GrantTag = 2, RevokeTag = 3, CompactTag = 4;

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
        if (version != Version)
            throw new CodecException("keyspace command", 0, $"the command has format version {version}; this program reads version {Version}: upgrade it");
        var tag = reader.Byte();
        RequestId? request = reader.Flag() ? new RequestId(reader.Fixed64(), reader.Unsigned()) : null;
        Command command = tag switch
        {
            TransactTag => new Command.Transact(TransactionCodec.Read(ref reader)),
            GrantTag => new Command.GrantLease(new(reader.Signed()), reader.Signed()),
            RevokeTag => new Command.RevokeLease(new(reader.Signed())),
            CompactTag => new Command.Compact(new(reader.Signed())),
            _ => throw new CodecException("keyspace command", 1, $"a command has the unknown tag {tag}"),
        };
        reader.End();
        return request is null ? command : command with { Request = request };
    }

    private static void Write(RecordWriter writer, Command command)
    {
        writer.Byte(Version);
        writer.Byte(command switch
        {
            Command.Transact => TransactTag,
            Command.GrantLease => GrantTag,
            Command.RevokeLease => RevokeTag,
            _ => CompactTag,
        });
        writer.Flag(command.Request is not null);
        if (command.Request is { } request)
        {
            writer.Fixed64(request.Client);
            writer.Unsigned(request.Sequence);
        }

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
        }
    }
}
