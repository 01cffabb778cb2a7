using Muster.Codecs.Keyspace;
using Muster.Codecs.Log;
using Muster.Disk.Snapshots;
using Muster.Keyspace;

namespace Muster.Stores.Embedded;

/// <summary>Rebuilds the keyspace from what the disk holds: a snapshot, then every record behind it.</summary>
internal sealed class StoreRecovery(KeyspaceLimits limits)
{
    public KeyspaceMachine Machine { get; private set; } = new(limits);

    public async ValueTask LoadAsync(SnapshotReader snapshot)
    {
        var bytes = new byte[checked((int)snapshot.ContentBytes)];
        for (var read = 0; read < bytes.Length;)
        {
            var count = await snapshot.ReadAsync(bytes.AsMemory(read));
            if (count == 0)
                break;
            read += count;
        }

        Machine = KeyspaceMachine.Restore(SnapshotCodec.Decode(bytes), limits);
    }

    public void Replay(RecordNumber number, ReadOnlyMemory<byte> record) => Machine.Apply(CommandCodec.Decode(record.Span));
}
