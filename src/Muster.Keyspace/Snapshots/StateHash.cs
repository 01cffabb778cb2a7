using System.Buffers.Binary;
using System.Numerics;
using Muster.Primitives;

namespace Muster.Keyspace.Snapshots;

/// <summary>Digests an image word by word: multiply, add, rotate; SplitMix64's finish.</summary>
internal sealed class StateHash
{
    // What a keyspace without users and alarms does not have is not digested for it: digests of format 1 stay valid.
    private const long AuthMark = 0x61757468, AlarmMark = 0x616C61726D;

    private ulong _state = 0x6D75737465720001;      // "muster", format 1

    public static ulong Of(KeyspaceImage image)
    {
        var hash = new StateHash();
        hash.Add(image.Revision.Number);
        hash.Add(image.Compacted.Number);
        hash.Add(image.Base);
        hash.Add(image.Events);
        hash.Add(image.Leases.Length);
        foreach (var lease in image.Leases)
        {
            hash.Add(lease.Lease.Number);
            hash.Add(lease.Seconds);
        }

        hash.Add(image.Requests.Length);
        foreach (var request in image.Requests)
            hash.Add(request);
        if (!image.Auth.IsNone)
            hash.Add(image.Auth);
        foreach (var alarm in image.Alarms)
        {
            hash.Add(AlarmMark);
            hash.Add((long)alarm.Member);
            hash.Add((long)alarm.Kind);
        }

        return hash.Finish();
    }

    /// <summary>Versions up to a revision only.</summary>
    public static ulong Of(KeyspaceImage image, Revision at)
    {
        var hash = new StateHash();
        hash.Add(at.Number);
        hash.Add(image.Compacted.Number);
        hash.Add(image.Base);
        foreach (var version in image.Events)
        {
            if (version.Modified > at)
                break;
            hash.Add(version);
        }

        return hash.Finish();
    }

    private void Add(IReadOnlyList<KeyValue> versions)
    {
        Add(versions.Count);
        for (var i = 0; i < versions.Count; i++)
            Add(versions[i]);
    }

    private void Add(KeyValue version)
    {
        Add(version.Key);
        Add(version.Value);
        Add(version.Created.Number);
        Add(version.Modified.Number);
        Add(version.Version.Number);
        Add(version.Lease.Number);
    }

    private void Add(RememberedRequest request)
    {
        Add((long)request.Request.Client);
        Add((long)request.Request.Sequence);
        switch (request.Result)
        {
            case CommandResult.Transacted(var result):
                Add(1);
                Add(result);
                break;
            case CommandResult.Granted(var lease, var seconds, var at):
                Add(2);
                Add(lease.Number);
                Add(seconds);
                Add(at.Number);
                break;
            case CommandResult.Revoked(var deleted, var at):
                Add(3);
                Add(deleted);
                Add(at.Number);
                break;
            case CommandResult.Compacted(var at):
                Add(4);
                Add(at.Number);
                break;
            case CommandResult.AuthChanged(var revision, var at):
                Add(5);
                Add(revision);
                Add(at.Number);
                break;
            case CommandResult.AlarmSet(var changed, var at):
                Add(changed ? 7 : 6);
                Add(at.Number);
                break;
            default:
                Add(0);
                break;
        }
    }

    private void Add(AuthImage auth)
    {
        Add(AuthMark);
        Add(auth.Enabled ? 1 : 0);
        Add(auth.Revision);
        Add(auth.Roles.Length);
        foreach (var role in auth.Roles)
        {
            Add(ByteString.From(role.Name));
            Add(role.Permissions.Length);
            foreach (var permission in role.Permissions)
            {
                Add(permission.Keys.Start);
                Add(permission.Keys.End);
                Add((long)permission.Access);
            }
        }

        Add(auth.Users.Length);
        foreach (var user in auth.Users)
        {
            Add(ByteString.From(user.Name));
            Add(user.Secret);
            Add(user.Roles.Length);
            foreach (var role in user.Roles)
                Add(ByteString.From(role));
        }
    }

    private void Add(TransactionResult result)
    {
        Add(result.Succeeded ? 1 : 0);
        Add(result.At.Number);
        Add(result.Results.Length);
        foreach (var part in result.Results)
            Add(part);
    }

    private void Add(OperationResult part)
    {
        switch (part)
        {
            case OperationResult.Range range:
                Add(range.More ? 2 : 1);
                Add(range.Count);
                Add(range.At.Number);
                Add(range.Keys);
                break;
            case OperationResult.Put put:
                Add(put.Previous is null ? 3 : 4);
                Add(put.At.Number);
                if (put.Previous is not null)
                    Add(put.Previous);
                break;
            case OperationResult.Delete delete:
                Add(5);
                Add(delete.Count);
                Add(delete.At.Number);
                Add(delete.Previous);
                break;
            case OperationResult.Nested nested:
                Add(6);
                Add(nested.Result);
                break;
        }
    }

    private void Add(ByteString bytes)
    {
        var span = bytes.Span;
        Add(span.Length);
        for (; span.Length >= 8; span = span[8..])
            Add(BinaryPrimitives.ReadInt64LittleEndian(span));
        if (span.IsEmpty)
            return;
        Span<byte> tail = stackalloc byte[8];
        tail.Clear();
        span.CopyTo(tail);
        Add(BinaryPrimitives.ReadInt64LittleEndian(tail));
    }

    private void Add(long word) => _state = BitOperations.RotateLeft((_state ^ (ulong)word) * 0x9E3779B97F4A7C15, 29) + 0xD1B54A32D192ED03;

    private ulong Finish()
    {
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
