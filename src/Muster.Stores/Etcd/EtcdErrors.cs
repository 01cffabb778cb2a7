using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Stores.Etcd;

/// <summary>etcd refuses what must not be refused; an operator has to act.</summary>
public sealed class EtcdRefusedException(string detail) : Exception($"etcd refuses: {detail}");

/// <summary>What to make of a call that did not end well.</summary>
internal enum EtcdFailure
{
    /// <summary>The rules of the store refuse it, or an operator must act: the same everywhere.</summary>
    Refused,

    /// <summary>Certainly nothing was done: it may be sent again, elsewhere.</summary>
    NotDone,

    /// <summary>It may have been done.</summary>
    Unknown,

    /// <summary>Nothing was done, since the token is not known any more: log in, and send it again.</summary>
    TokenOld,
}

/// <summary>etcd's statuses and texts.</summary>
/// <remarks>Source: the etcd v3 API's error table; clients match on the texts.</remarks>
internal static class EtcdErrors
{
    public const string LeaseExists = "etcdserver: lease already exists";
    public const string LeaseNotFound = "etcdserver: requested lease not found";
    public const string AuthNotEnabled = "etcdserver: authentication is not enabled";

    /// <summary>What a store's caller can have done wrong; all else is for an operator.</summary>
    private static readonly IReadOnlyList<StoreRefusal> s_refusals =
    [
        StoreRefusal.KeyMissing, StoreRefusal.KeyNotFound, StoreRefusal.ValueProvided, StoreRefusal.LeaseProvided, StoreRefusal.TooManyOperations,
        StoreRefusal.DuplicateKey, StoreRefusal.InvalidSort, StoreRefusal.RequestTooLarge, StoreRefusal.Compacted, StoreRefusal.FutureRevision,
        StoreRefusal.LeaseTooLong, StoreRefusal.LeaseNotFound, StoreRefusal.LeaseExists, StoreRefusal.SpaceExceeded, StoreRefusal.TooManyRequests,
    ];

    public static EtcdFailure Kind(GrpcException failure)
    {
        if (failure.WasNotSent)
            return EtcdFailure.NotDone;
        return (failure.Code, failure.Status.Detail) switch
        {
            (GrpcCode.Unauthenticated, "etcdserver: invalid auth token") => EtcdFailure.TokenOld,
            (_, "etcdserver: revision of auth store is old") => EtcdFailure.TokenOld,
            (GrpcCode.Unavailable, "etcdserver: no leader") => EtcdFailure.NotDone,
            (GrpcCode.Unavailable or GrpcCode.DeadlineExceeded or GrpcCode.Cancelled or GrpcCode.Unknown or GrpcCode.Internal or GrpcCode.Aborted, _) =>
                EtcdFailure.Unknown,
            _ => EtcdFailure.Refused,
        };
    }

    /// <summary>The refusal as callers of a store know it.</summary>
    public static Exception Translate(GrpcException failure)
    {
        foreach (var refusal in s_refusals)
        {
            if (failure.Status.Detail == StoreRefusals.Text(refusal))
                return new StoreRefusedException(refusal);
        }

        if (failure.Code == GrpcCode.ResourceExhausted && failure.Status.Detail.Contains("larger than max", StringComparison.Ordinal))
            return new StoreRefusedException(StoreRefusal.RequestTooLarge);
        return new EtcdRefusedException(failure.Status.ToString());
    }
}
