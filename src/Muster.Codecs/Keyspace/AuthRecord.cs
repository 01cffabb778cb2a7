using System.Collections.Immutable;
using Muster.Keyspace;

namespace Muster.Codecs.Keyspace;

/// <summary>Users and roles of a snapshot as a list of records: first whether they count, then roles, then users.</summary>
internal abstract record AuthRecord
{
    private AuthRecord()
    {
    }

    public sealed record Head(bool Enabled, long Revision) : AuthRecord;

    public sealed record Role(AuthRole Value) : AuthRecord;

    public sealed record User(AuthUser Value) : AuthRecord;

    /// <summary>None for nobody, so that such an image has the bytes it had before there were users.</summary>
    public static IReadOnlyList<AuthRecord> Of(AuthImage image) => image.IsNone
        ? []
        : [new Head(image.Enabled, image.Revision), .. image.Roles.Select(role => new Role(role)), .. image.Users.Select(user => new User(user))];

    /// <summary>What some records say; null when no image has these in this order.</summary>
    public static AuthImage? Join(IReadOnlyList<AuthRecord> records)
    {
        if (records.Count == 0)
            return AuthImage.None;
        if (records[0] is not Head(var enabled, var revision))
            return null;
        ImmutableArray<AuthRole> roles = [.. records.OfType<Role>().Select(role => role.Value)];
        ImmutableArray<AuthUser> users = [.. records.OfType<User>().Select(user => user.Value)];
        var image = new AuthImage(enabled, revision, roles, users);
        var ordered = roles.Length + users.Length == records.Count - 1 && records.Skip(1).Take(roles.Length).All(record => record is Role);
        return ordered && !image.IsNone ? image : null;
    }
}
