using System.Buffers.Binary;
using System.Collections.Immutable;
using Muster.Keyspace;
using Muster.Primitives;

namespace Muster.Codecs.Keyspace;

/// <summary>Takes the bytes of a snapshot in pieces of any size and gives the image.</summary>
/// <remarks>Only the chunk that is incomplete is held as bytes. After an exception the decoder is of no more use.</remarks>
public sealed class SnapshotDecoder
{
    /// <summary>Longest chunk taken, in bytes; default 256 MiB. One record longer than a chunk makes a longer chunk.</summary>
    public const int ChunkBytesMax = 256 * 1024 * 1024;

    private const int ChunkHead = 5;        // tag and length

    private readonly List<KeyValue> _base = [];
    private readonly List<KeyValue> _events = [];
    private readonly List<LeaseTerm> _leases = [];
    private readonly List<RememberedRequest> _requests = [];
    private readonly List<AuthRecord> _auth = [];
    private readonly List<Alarm> _alarms = [];
    private byte[] _pending = [];
    private int _pendingLength;
    private long _offset;
    private byte _section;                  // tag of the last chunk; 0 before the magic number
    private bool _sectionOpen = true;       // the last chunk was full, so another of its kind may follow
    private Revision _revision;
    private Revision _compacted;
    private ulong? _hash;
    private byte _version;

    /// <summary>Takes the next bytes.</summary>
    /// <exception cref="CodecException">They cannot belong to a snapshot.</exception>
    public void Add(ReadOnlySpan<byte> piece)
    {
        while (_pendingLength > 0 && !piece.IsEmpty)
        {
            var missing = Needed(_pending.AsSpan(0, _pendingLength)) - _pendingLength;
            Keep(piece[..Math.Min(missing, piece.Length)]);
            piece = piece[Math.Min(missing, piece.Length)..];
            var pending = _pending.AsSpan(0, _pendingLength);
            if (Needed(pending) != _pendingLength)
                continue;
            _pendingLength = 0;
            Take(pending);
        }

        while (!piece.IsEmpty)
        {
            var needed = Needed(piece);
            if (needed > piece.Length)
            {
                Keep(piece);
                return;
            }

            Take(piece[..needed]);
            piece = piece[needed..];
        }
    }

    /// <summary>The image, once every byte was given.</summary>
    /// <exception cref="CodecException">Bytes are missing, or together they are no image of a keyspace.</exception>
    public KeyspaceImage Finish()
    {
        if (_pendingLength > 0 || _hash is not { } hash)
            throw new CodecException("keyspace snapshot", _offset + _pendingLength, "the snapshot ends too early: fetch it again");
        var image = new KeyspaceImage(_revision, _compacted, _base, _events, [.. _leases], [.. _requests])
        {
            Auth = AuthRecord.Join(_auth) ?? throw new CodecException("keyspace snapshot", _offset, "its users and roles are incomplete or out of order"),
            Alarms = [.. _alarms],
        };
        if (_version != SnapshotCodec.VersionOf(image))
            throw new CodecException("keyspace snapshot", SnapshotCodec.Magic.Length, $"the contents are not those of format version {_version}");
        if (image.Flaw() is { } flaw)
            throw new CodecException("keyspace snapshot", _offset, $"this is no image of a keyspace: {flaw}");
        if (image.StateHash() != hash)
            throw new CodecException("keyspace snapshot", _offset - 8, "the digest does not match the contents: the snapshot was damaged, fetch it again");
        return image;
    }

    /// <summary>Bytes of the unit that begins here, as far as one can tell yet.</summary>
    private int Needed(ReadOnlySpan<byte> bytes)
    {
        if (_section == 0)
            return SnapshotCodec.Magic.Length + 1;
        if (bytes.Length < ChunkHead)
            return ChunkHead;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]);
        return length <= ChunkBytesMax
            ? ChunkHead + (int)length
            : throw new CodecException("keyspace snapshot", _offset + 1, $"a chunk of {length} bytes exceeds the limit of {ChunkBytesMax}");
    }

    private void Keep(ReadOnlySpan<byte> piece)
    {
        if (_pendingLength + piece.Length > _pending.Length)
            Array.Resize(ref _pending, Math.Max(_pendingLength + piece.Length, 2 * _pending.Length));
        piece.CopyTo(_pending.AsSpan(_pendingLength));
        _pendingLength += piece.Length;
    }

    private void Take(ReadOnlySpan<byte> unit)
    {
        if (_section == 0)
            TakeMagic(unit);
        else
            TakeChunk(unit[0], unit[ChunkHead..]);
        _offset += unit.Length;
    }

    private void TakeMagic(ReadOnlySpan<byte> unit)
    {
        if (!unit.StartsWith(SnapshotCodec.Magic))
            throw new CodecException("keyspace snapshot", 0, "this is no snapshot of a keyspace");
        _version = unit[^1];
        if (_version is 0 or > SnapshotCodec.Version)
        {
            throw new CodecException("keyspace snapshot",
                unit.Length - 1, $"the snapshot has format version {unit[^1]}; this program reads version {SnapshotCodec.Version}: upgrade it");
        }

        _section = byte.MaxValue;
    }

    private void TakeChunk(byte tag, ReadOnlySpan<byte> body)
    {
        var known = tag <= (_version == 1 ? SnapshotCodec.EndTag : SnapshotCodec.AlarmTag);
        var follows = _section == byte.MaxValue
            ? tag == SnapshotCodec.HeadTag
            : known && SnapshotCodec.PlaceOf(tag) > SnapshotCodec.PlaceOf(_section) || tag == _section && _sectionOpen;
        if (!follows)
            throw new CodecException("keyspace snapshot", _offset, $"a chunk with tag {tag} cannot come here");
        _section = tag;
        _sectionOpen = body.Length >= SnapshotCodec.ChunkBytes && tag is not (SnapshotCodec.HeadTag or SnapshotCodec.EndTag);
        var reader = new RecordReader(body, _offset + ChunkHead);
        if (tag == SnapshotCodec.HeadTag)
            (_revision, _compacted) = (new(reader.Signed()), new(reader.Signed()));
        else if (tag == SnapshotCodec.EndTag)
            _hash = reader.Fixed64();
        else
            ReadRecords(ref reader, tag);
        reader.End();
    }

    private void ReadRecords(ref RecordReader reader, byte tag)
    {
        do
        {
            if (reader.Position >= SnapshotCodec.ChunkBytes)
                throw reader.Fail("a chunk goes on after it was full");
            switch (tag)
            {
                case SnapshotCodec.BaseTag:
                    _base.Add(VersionCodec.Read(ref reader));
                    break;
                case SnapshotCodec.EventTag:
                    _events.Add(VersionCodec.Read(ref reader));
                    break;
                case SnapshotCodec.LeaseTag:
                    _leases.Add(new(new((long)reader.Fixed64()), reader.Signed()));
                    break;
                case SnapshotCodec.AuthTag:
                    _auth.Add(AuthCodec.ReadRecord(ref reader));
                    break;
                case SnapshotCodec.AlarmTag:
                    _alarms.Add(AuthCodec.ReadAlarm(ref reader));
                    break;
                default:
                    _requests.Add(ReadRequest(ref reader));
                    break;
            }
        }
        while (reader.Remaining > 0);
    }

    private static RememberedRequest ReadRequest(ref RecordReader reader)
    {
        var request = new RequestId(reader.Fixed64(), reader.Unsigned());
        return new(request, reader.Flag() ? ResultCodec.Read(ref reader) : null);
    }
}
