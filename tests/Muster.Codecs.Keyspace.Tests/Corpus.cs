using System.Buffers;
using System.Collections.Immutable;
using Muster.Codecs.Keyspace;
using Muster.Keyspace;
using Muster.Keyspace.Tests.Auth;
using Muster.Keyspace.Tests.Oracle;
using Muster.Primitives;

namespace Muster.Codecs.Tests.Keyspace;

/// <summary>Random values to encode, and ways to spoil bytes.</summary>
internal sealed class Corpus(SeededRandom random)
{
    private readonly Programs _programs = new(random);
    private readonly AuthPrograms _auth = new(random);

    public Command Command()
    {
        var command = random.Chance(0.2) ? Rare() : _programs.Command(random.Chance(0.1) ? int.MaxValue - 5 : 50, 3);
        if (random.Chance(0.3))
            command = command with { Author = random.Chance(0.2) ? Author.Anonymous : new(_auth.User(), random.Next(9)) };
        return random.Chance(0.5) ? command : command with { Request = new RequestId(random.NextUInt64(), random.NextUInt64() >> random.Next(64)) };
    }

    /// <summary>A machine after some commands, requests with ids among them.</summary>
    public KeyspaceMachine Machine(int commands)
    {
        var machine = new KeyspaceMachine(KeyspaceLimits.Default with { ClientsMax = 5, RememberedResultBytesMax = 400 });
        for (var i = 0; i < commands; i++)
        {
            var command = random.Chance(0.1) ? Rare() : _programs.Command(machine.Revision.Number, machine.Compacted.Number);
            machine.Apply(random.Chance(0.3) ? command with { Request = new RequestId((ulong)random.Next(9), (ulong)i) } : command);
        }

        return machine;
    }

    private Command Rare() => random.Chance(0.2)
        ? new Command.SetAlarm(new((ulong)random.Next(3), (AlarmKind)random.Next(1, 3)), random.Chance(0.7))
        : new Command.ChangeAuth(_auth.Change());

    public static byte[] Bytes(KeyspaceImage image)
    {
        var output = new ArrayBufferWriter<byte>();
        SnapshotCodec.Encode(image, output);
        return output.WrittenSpan.ToArray();
    }

    public byte[] Spoiled(byte[] good)
    {
        var bytes = good.ToList();
        for (var times = random.Next(1, 4); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 5), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 9), bytes.Count - at)));
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes[at] = random.Pick<byte>([0, 1, 0x7F, 0x80, 0xFF]);
                    break;
            }
        }

        return [.. bytes];
    }

    public byte[] Noise()
    {
        var bytes = new byte[random.Next(40)];
        random.Fill(bytes);
        if (bytes.Length > 2 && random.Chance(0.7))
            (bytes[0], bytes[1], bytes[2]) = ((byte)random.Next(1, 3), (byte)random.Next(1, 8), (byte)random.Next(4));
        for (var i = 3; i < bytes.Length; i++)
            bytes[i] = random.Chance(0.7) ? (byte)random.Next(5) : bytes[i];
        return bytes;
    }
}
