using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Server.Etcd;

/// <summary>Refusals as etcd's codes; the texts are the store's already.</summary>
internal static class Refusals
{
    public static GrpcException Of(StoreRefusal refusal) => new(CodeOf(refusal), StoreRefusals.Text(refusal));

    private static GrpcCode CodeOf(StoreRefusal refusal) => refusal switch
    {
        StoreRefusal.KeyMissing or StoreRefusal.KeyNotFound or StoreRefusal.ValueProvided or StoreRefusal.LeaseProvided
            or StoreRefusal.TooManyOperations or StoreRefusal.DuplicateKey or StoreRefusal.InvalidSort or StoreRefusal.RequestTooLarge
            or StoreRefusal.UserNameMissing or StoreRefusal.RoleNameMissing or StoreRefusal.AuthenticationFailed
            or StoreRefusal.PermissionMissing or StoreRefusal.AuthManagementInvalid or StoreRefusal.AuthRevisionOld => GrpcCode.InvalidArgument,
        StoreRefusal.Compacted or StoreRefusal.FutureRevision or StoreRefusal.LeaseTooLong => GrpcCode.OutOfRange,
        StoreRefusal.LeaseNotFound => GrpcCode.NotFound,
        StoreRefusal.SpaceExceeded or StoreRefusal.TooManyRequests => GrpcCode.ResourceExhausted,
        StoreRefusal.Corrupt => GrpcCode.DataLoss,
        StoreRefusal.PermissionDenied => GrpcCode.PermissionDenied,
        StoreRefusal.TokenInvalid => GrpcCode.Unauthenticated,
        _ => GrpcCode.FailedPrecondition,
    };
}
