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
        var decoder = new SnapshotDecoder();
        var buffer = new byte[256 * 1024];
        while (await snapshot.ReadAsync(buffer) is > 0 and var count)
            decoder.Add(buffer.AsSpan(0, count));
        Machine = KeyspaceMachine.Restore(decoder.Finish(), limits);
    }

    public void Replay(RecordNumber number, ReadOnlyMemory<byte> record) => Machine.Apply(CommandCodec.Decode(record.Span));
}
