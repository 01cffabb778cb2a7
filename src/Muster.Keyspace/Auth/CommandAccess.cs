using System.Collections.Immutable;
using Muster.Keyspace.Leases;
using Muster.Primitives;

namespace Muster.Keyspace.Auth;

/// <summary>Whether a command's author may do all of it, both branches of transactions included.</summary>
internal static class CommandAccess
{
    public static StoreRefusal? Check(Command command, AuthState auth, LeaseTable leases)
    {
        if (command.Author is not { } author || !auth.Enabled)
            return null;
        return command switch
        {
            Command.Transact(var transaction) => Check(transaction, author, auth, leases),
            Command.RevokeLease(var lease) => CheckLease(lease, author, auth, leases, Access.Write),
            Command.GrantLease => auth.CheckAnybody(author),
            _ => auth.CheckAdministrator(author),
        };
    }

    /// <summary>
    /// A branch is looked at whether or not it is taken: which one was taken tells about keys that the author may not read.
    /// </summary>
    public static StoreRefusal? Check(Transaction transaction, Author author, AuthState auth, LeaseTable leases)
    {
        if (!auth.Enabled)
            return null;
        foreach (var guard in transaction.Guards)
        {
            if (auth.Check(author, guard.Keys, Access.Read) is { } refusal)
                return refusal;
        }

        return CheckBranch(transaction.Then, author, auth, leases) ?? CheckBranch(transaction.Else, author, auth, leases);
    }

    /// <summary>Whoever touches a lease must be allowed to touch every key that is attached to it.</summary>
    public static StoreRefusal? CheckLease(LeaseId lease, Author author, AuthState auth, LeaseTable leases, Access access)
    {
        if (!auth.Enabled)
            return null;
        if (leases.Find(lease) is { } found)
        {
            foreach (var key in found.Keys)
            {
                if (auth.Check(author, KeyRange.Single(key), access) is { } refusal)
                    return refusal;
            }
        }

        return auth.CheckAnybody(author);
    }

    private static StoreRefusal? CheckBranch(ImmutableArray<Operation> branch, Author author, AuthState auth, LeaseTable leases)
    {
        foreach (var operation in branch)
        {
            if (Check(operation, author, auth, leases) is { } refusal)
                return refusal;
        }

        return null;
    }

    private static StoreRefusal? Check(Operation operation, Author author, AuthState auth, LeaseTable leases) => operation switch
    {
        Operation.Range range => auth.Check(author, range.Keys, Access.Read),
        Operation.Put put => auth.Check(author, KeyRange.Single(put.Key), Access.Write)
            ?? (put.Lease == LeaseId.None ? null : CheckLease(put.Lease, author, auth, leases, Access.Write))
            ?? (put.ReturnPrevious ? auth.Check(author, KeyRange.Single(put.Key), Access.Read) : null),
        Operation.Delete delete => auth.Check(author, delete.Keys, Access.Write)
            ?? (delete.ReturnPrevious ? auth.Check(author, delete.Keys, Access.Read) : null),
        Operation.Nested nested => Check(nested.Transaction, author, auth, leases),
        _ => StoreRefusal.PermissionDenied,
    };
}
