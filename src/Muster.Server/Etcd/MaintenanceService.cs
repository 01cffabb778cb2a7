using System.Collections.Immutable;
using System.Security.Cryptography;
using Muster.Codecs.Backup;
using Muster.Codecs.Etcd;
using Muster.Codecs.Protobuf;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Server.Etcd;

/// <summary>etcdserverpb.Maintenance: alarms, status, digests, backups.</summary>
internal sealed class MaintenanceService(StoreGate gate)
{
    /// <summary>The version of etcd whose behaviour is served; clients ask for it to know what they may use.</summary>
    public const string LikeVersion = "3.4.23";

    /// <summary>Backups and digests worked on at once; default 4. One more is refused with RESOURCE_EXHAUSTED.</summary>
    public const int ImagesMax = 4;

    private const string Service = "/etcdserverpb.Maintenance/";

    private int _images;

    public void AddTo(GrpcServer server)
    {
        server.OnLoop<AlarmRequest, AlarmResponse>(gate, Service + "Alarm", AlarmAsync);
        server.OnLoop<EmptyRequest, StatusResponse>(gate, Service + "Status", (_, _) => Status());
        server.OnLoop<EmptyRequest, HeaderResponse>(gate, Service + "Defragment", Defragment);
        server.OnLoop<MoveLeaderRequest, HeaderResponse>(gate, Service + "MoveLeader", MoveLeader);
        server.Anywhere<EmptyRequest, HashResponse>(Service + "Hash", (call, _) => HashAsync(call));
        server.Anywhere<HashKvRequest, HashKvResponse>(Service + "HashKV", HashKeysAsync);
        server.Duplex(Service + "Snapshot", (call, stream) => ServiceMethods.TranslatedAsync(() => SnapshotAsync(call, stream)));
    }

    private KeyspaceMachine State => gate.Store.State;

    private async Task<AlarmResponse> AlarmAsync(AlarmRequest request, Author author)
    {
        if (request.Action == AlarmAction.Get)
            return Alarms(State.Alarms.Where(alarm => request.Alarm == AlarmType.None || (AlarmType)alarm.Kind == request.Alarm));
        var (member, raised) = (new Alarm(request.Member.Number, (AlarmKind)request.Alarm), request.Action == AlarmAction.Activate);
        var result = await gate.Store.ProposeAsync(new Command.SetAlarm(member, raised) { Author = author });
        return result switch
        {
            CommandResult.AlarmSet(var changed, _) => Alarms(changed || raised ? [member] : []),
            CommandResult.Refused(var refusal) => throw new StoreRefusedException(refusal),
            _ => throw new InvariantBrokenException("setting an alarm is done or refused"),
        };
    }

    private AlarmResponse Alarms(IEnumerable<Alarm> alarms) =>
        new(gate.Header, [.. alarms.Select(alarm => new AlarmMember(new(alarm.Member), (AlarmType)alarm.Kind))]);

    private StatusResponse Status()
    {
        var index = (ulong)gate.Store.Applied.Value;
        ImmutableArray<string> errors = [.. State.Alarms.Select(alarm => $"memberID:{alarm.Member} alarm:{(alarm.Kind == AlarmKind.NoSpace ? "NOSPACE" : "CORRUPT")} ")];
        return new(
            gate.Header, LikeVersion, State.SpaceUsed, new(gate.Store.Member), index, StoreGate.Term, index, errors, State.SpaceUsed,
            IsLearner: false, StorageVersion: "", DatabaseBytesQuota: gate.Store.QuotaBytes);
    }

    /// <summary>Nothing to do: what was deleted and compacted takes no space any more, in memory at once and on disk with the next snapshot.</summary>
    private HeaderResponse Defragment(EmptyRequest request, Author author)
    {
        RequireAdministrator(author);
        return new(gate.Header);
    }

    private HeaderResponse MoveLeader(MoveLeaderRequest request, Author author)
    {
        ServiceMethods.Require(State.Auth.CheckAdministrator(author));
        return request.Target.Number == gate.Store.Member
            ? new(gate.Header)
            : throw new GrpcException(GrpcCode.FailedPrecondition, "etcdserver: bad leader transferee");
    }

    private Task<HashResponse> HashAsync(GrpcServerCall call) => WithImageAsync(
        call, Revision.None, (header, image) => Task.FromResult(new HashResponse(header, Folded(image.StateHash()))));

    private Task<HashKvResponse> HashKeysAsync(GrpcServerCall call, HashKvRequest request) => WithImageAsync(
        call, request.Revision, (header, image) => Task.FromResult(new HashKvResponse(
            header, Folded(image.HashAt(request.Revision.Number <= 0 ? image.Revision : request.Revision)), image.Compacted)));

    private Task<bool> SnapshotAsync(GrpcServerCall call, GrpcServerStream stream) => WithImageAsync(
        call, Revision.None, async (header, image) =>
        {
            var backup = new Backup(gate.Store.Cluster, image);
            var remaining = BackupEncoder.Length(backup);
            var writer = new ProtoWriter();
            foreach (var piece in BackupEncoder.Encode(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)), backup))
            {
                remaining -= piece.Length;
                new SnapshotResponse(header, (ulong)remaining, ByteString.Copy(piece.Span)).Write(writer.Reset());
                await stream.WriteAsync(writer.WrittenMemory);
            }

            return true;
        });

    /// <summary>Takes an image on the loop and works with it elsewhere, so that the store goes on meanwhile.</summary>
    private async Task<T> WithImageAsync<T>(GrpcServerCall call, Revision at, Func<ResponseHeader, KeyspaceImage, Task<T>> work)
    {
        if (Interlocked.Increment(ref _images) > ImagesMax)
        {
            Interlocked.Decrement(ref _images);
            throw new StoreRefusedException(StoreRefusal.TooManyRequests);
        }

        try
        {
            var credentials = ServiceMethods.CredentialsOf(call);
            var (header, image) = await gate.AskAsync(() =>
            {
                RequireAdministrator(gate.Access.Identify(credentials));
                if (at > State.Revision)
                    throw new StoreRefusedException(StoreRefusal.FutureRevision);
                if (at.Number > 0 && at < State.Compacted)
                    throw new StoreRefusedException(StoreRefusal.Compacted);
                return (gate.Header, State.Image());
            });
            return await work(header, image);
        }
        finally
        {
            Interlocked.Decrement(ref _images);
        }
    }

    /// <summary>etcd refuses these in words of its own, without a code.</summary>
    private void RequireAdministrator(Author author)
    {
        if (State.Auth.CheckAdministrator(author) is { } refusal)
            throw new GrpcException(GrpcCode.Unknown, StoreRefusals.Text(refusal).Replace("etcdserver:", "auth:", StringComparison.Ordinal));
    }

    private static uint Folded(ulong digest) => (uint)(digest ^ digest >> 32);
}
