using System.Collections.Immutable;

namespace Muster.Primitives;

/// <summary>A key as the store holds it.</summary>
/// <param name="Key">Name.</param>
/// <param name="Value">Content.</param>
/// <param name="Created">Revision of the put that created it.</param>
/// <param name="Modified">Revision of its last put.</param>
/// <param name="Version">Puts since creation.</param>
/// <param name="Lease">Its lease, or none.</param>
public sealed record KeyValue(
    ByteString Key, ByteString Value, Revision Created, Revision Modified, KeyVersion Version, LeaseId Lease);

/// <summary>What one operation returned.</summary>
public abstract record OperationResult
{
    private OperationResult()
    {
    }

    /// <summary>Keys read.</summary>
    /// <param name="Keys">In the order asked for.</param>
    /// <param name="More">Whether the limit cut some off.</param>
    /// <param name="Count">Keys in the range, whatever limit and filters say.</param>
    /// <param name="At">The store's revision when this was read.</param>
    public sealed record Range(ImmutableArray<KeyValue> Keys, bool More, long Count, Revision At) : OperationResult;

    /// <summary>A key written.</summary>
    /// <param name="Previous">The key before, when asked for and existing.</param>
    /// <param name="At">The store's revision then.</param>
    public sealed record Put(KeyValue? Previous, Revision At) : OperationResult;

    /// <summary>Keys deleted.</summary>
    /// <param name="Count">How many.</param>
    /// <param name="Previous">The keys before, when asked for.</param>
    /// <param name="At">The store's revision then.</param>
    public sealed record Delete(long Count, ImmutableArray<KeyValue> Previous, Revision At) : OperationResult;

    /// <summary>A nested transaction's result.</summary>
    /// <param name="Result">What it returned.</param>
    public sealed record Nested(TransactionResult Result) : OperationResult;
}

/// <summary>What a transaction returned.</summary>
/// <param name="Succeeded">Whether every guard held.</param>
/// <param name="Results">One for each operation of the branch taken.</param>
/// <param name="At">The store's revision after it.</param>
public sealed record TransactionResult(bool Succeeded, ImmutableArray<OperationResult> Results, Revision At);

/// <summary>Why the store refused; nothing of the request was done.</summary>
public enum StoreRefusal
{
    /// <summary>An empty key.</summary>
    KeyMissing,

    /// <summary>Keep the value or lease of a key that does not exist.</summary>
    KeyNotFound,

    /// <summary>A value beside "keep the value".</summary>
    ValueProvided,

    /// <summary>A lease beside "keep the lease".</summary>
    LeaseProvided,

    /// <summary>More operations in a transaction than allowed.</summary>
    TooManyOperations,

    /// <summary>One transaction would write a key twice.</summary>
    DuplicateKey,

    /// <summary>A sort order or target that does not exist.</summary>
    InvalidSort,

    /// <summary>A request over the size limit.</summary>
    RequestTooLarge,

    /// <summary>A revision whose history was compacted away.</summary>
    Compacted,

    /// <summary>A revision that has not been reached.</summary>
    FutureRevision,

    /// <summary>A lease's time over the limit.</summary>
    LeaseTooLong,

    /// <summary>A lease that does not exist.</summary>
    LeaseNotFound,

    /// <summary>A lease id in use.</summary>
    LeaseExists,

    /// <summary>The store is over its space quota.</summary>
    SpaceExceeded,

    /// <summary>Too many requests waiting.</summary>
    TooManyRequests,

    /// <summary>An alarm says that members of the cluster hold different data.</summary>
    Corrupt,

    /// <summary>Authentication cannot be switched on without the user root.</summary>
    RootUserMissing,

    /// <summary>Authentication cannot be switched on while the user root lacks the role root.</summary>
    RootRoleMissing,

    /// <summary>A user of that name exists.</summary>
    UserExists,

    /// <summary>No user is named, where one is needed.</summary>
    UserNameMissing,

    /// <summary>No user has that name.</summary>
    UserNotFound,

    /// <summary>A role of that name exists.</summary>
    RoleExists,

    /// <summary>No role has that name.</summary>
    RoleNotFound,

    /// <summary>A role without a name.</summary>
    RoleNameMissing,

    /// <summary>A wrong name or password.</summary>
    AuthenticationFailed,

    /// <summary>A grant that grants nothing.</summary>
    PermissionMissing,

    /// <summary>The user may not do that.</summary>
    PermissionDenied,

    /// <summary>The user does not have the role that is to be taken away.</summary>
    RoleNotGranted,

    /// <summary>The role does not have the permission that is to be taken away.</summary>
    PermissionNotGranted,

    /// <summary>Authentication is switched off.</summary>
    AuthenticationDisabled,

    /// <summary>A token that names nobody, or no longer.</summary>
    TokenInvalid,

    /// <summary>A change of users, roles or permissions that the rules forbid.</summary>
    AuthManagementInvalid,

    /// <summary>Users, roles or permissions changed between the request's check and its turn: send it again.</summary>
    AuthRevisionOld,
}

/// <summary>The store refused a request by its rules; the texts are etcd's, since clients match on them.</summary>
public sealed class StoreRefusedException(StoreRefusal refusal) : Exception(StoreRefusals.Text(refusal))
{
    /// <summary>Which rule.</summary>
    public StoreRefusal Refusal { get; } = refusal;
}

/// <summary>Refusals as etcd words them.</summary>
/// <remarks>Source: the etcd v3 API's error table.</remarks>
public static class StoreRefusals
{
    /// <summary>etcd's text for a refusal.</summary>
    public static string Text(StoreRefusal refusal) => refusal switch
    {
        StoreRefusal.KeyMissing => "etcdserver: key is not provided",
        StoreRefusal.KeyNotFound => "etcdserver: key not found",
        StoreRefusal.ValueProvided => "etcdserver: value is provided",
        StoreRefusal.LeaseProvided => "etcdserver: lease is provided",
        StoreRefusal.TooManyOperations => "etcdserver: too many operations in txn request",
        StoreRefusal.DuplicateKey => "etcdserver: duplicate key given in txn request",
        StoreRefusal.InvalidSort => "etcdserver: invalid sort option",
        StoreRefusal.RequestTooLarge => "etcdserver: request is too large",
        StoreRefusal.Compacted => "etcdserver: mvcc: required revision has been compacted",
        StoreRefusal.FutureRevision => "etcdserver: mvcc: required revision is a future revision",
        StoreRefusal.LeaseTooLong => "etcdserver: too large lease TTL",
        StoreRefusal.LeaseNotFound => "etcdserver: requested lease not found",
        StoreRefusal.LeaseExists => "etcdserver: lease already exists",
        StoreRefusal.SpaceExceeded => "etcdserver: mvcc: database space exceeded",
        StoreRefusal.TooManyRequests => "etcdserver: too many requests",
        StoreRefusal.Corrupt => "etcdserver: corrupt cluster",
        StoreRefusal.RootUserMissing => "etcdserver: root user does not exist",
        StoreRefusal.RootRoleMissing => "etcdserver: root user does not have root role",
        StoreRefusal.UserExists => "etcdserver: user name already exists",
        StoreRefusal.UserNameMissing => "etcdserver: user name is empty",
        StoreRefusal.UserNotFound => "etcdserver: user name not found",
        StoreRefusal.RoleExists => "etcdserver: role name already exists",
        StoreRefusal.RoleNotFound => "etcdserver: role name not found",
        StoreRefusal.RoleNameMissing => "etcdserver: role name is empty",
        StoreRefusal.AuthenticationFailed => "etcdserver: authentication failed, invalid user ID or password",
        StoreRefusal.PermissionMissing => "etcdserver: permission not given",
        StoreRefusal.PermissionDenied => "etcdserver: permission denied",
        StoreRefusal.RoleNotGranted => "etcdserver: role is not granted to the user",
        StoreRefusal.PermissionNotGranted => "etcdserver: permission is not granted to the role",
        StoreRefusal.AuthenticationDisabled => "etcdserver: authentication is not enabled",
        StoreRefusal.TokenInvalid => "etcdserver: invalid auth token",
        StoreRefusal.AuthManagementInvalid => "etcdserver: invalid auth management",
        StoreRefusal.AuthRevisionOld => "etcdserver: revision of auth store is old",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };
}
