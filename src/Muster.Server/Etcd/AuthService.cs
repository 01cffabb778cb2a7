using Muster.Codecs.Etcd;
using Muster.Keyspace;
using Muster.Network.Http;
using Muster.Primitives;
using Muster.Server.Etcd.Access;

namespace Muster.Server.Etcd;

/// <summary>etcdserverpb.Auth: users, roles, permissions, and tokens for passwords.</summary>
internal sealed class AuthService(StoreGate gate, PasswordWork passwords)
{
    /// <summary>Longest password, in characters; above, it is refused as any wrong one, or as an invalid change.</summary>
    public const int PasswordCharsMax = 4_096;

    private const string Service = "/etcdserverpb.Auth/";

    // As etcd words it, without a code of its own.
    private const string NoPasswordUser = "auth: authentication failed, password was given for no password user";

    public void AddTo(GrpcServer server)
    {
        server.Anywhere<AuthenticateRequest, AuthenticateResponse>(Service + "Authenticate", (_, request) => AuthenticateAsync(request));
        server.OnLoop<EmptyRequest, AuthStatusResponse>(gate, Service + "AuthStatus", Status);
        AddUsers(server);
        AddRoles(server);
        Change<EmptyRequest>(server, "AuthEnable", _ => new AuthChange.Enable());
        Change<EmptyRequest>(server, "AuthDisable", _ => new AuthChange.Disable());
    }

    private AuthState Auth => gate.Store.State.Auth;

    private void AddUsers(GrpcServer server)
    {
        server.Anywhere<UserAddRequest, HeaderResponse>(Service + "UserAdd", AddUserAsync);
        server.Anywhere<UserChangePasswordRequest, HeaderResponse>(Service + "UserChangePassword", ChangePasswordAsync);
        server.OnLoop<NameRequest, NamesResponse>(gate, Service + "UserGet", User);
        server.OnLoop<EmptyRequest, NamesResponse>(gate, Service + "UserList", Users);
        Change<NameRequest>(server, "UserDelete", request => new AuthChange.DeleteUser(request.Name));
        Change<UserRoleRequest>(server, "UserGrantRole", request => new AuthChange.GrantRole(request.User, request.Role));
        Change<UserRoleRequest>(server, "UserRevokeRole", request => new AuthChange.RevokeRole(request.User, request.Role));
    }

    private void AddRoles(GrpcServer server)
    {
        server.OnLoop<NameRequest, RoleGetResponse>(gate, Service + "RoleGet", Role);
        server.OnLoop<EmptyRequest, NamesResponse>(gate, Service + "RoleList", Roles);
        Change<NameRequest>(server, "RoleAdd", request => new AuthChange.AddRole(request.Name));
        Change<NameRequest>(server, "RoleDelete", request => new AuthChange.DeleteRole(request.Name));
        Change<RoleGrantPermissionRequest>(server, "RoleGrantPermission", Grant);
        Change<RoleRevokePermissionRequest>(
            server, "RoleRevokePermission", request => new AuthChange.RevokePermission(request.Role, new(request.Key, request.RangeEnd)));
    }

    private void Change<TRequest>(GrpcServer server, string method, Func<TRequest, AuthChange> change)
        where TRequest : Codecs.Protobuf.IProtoMessage<TRequest> =>
        server.OnLoop<TRequest, HeaderResponse>(gate, Service + method, (request, author) => ChangeAsync(change(request), author));

    private async Task<HeaderResponse> ChangeAsync(AuthChange change, Author author)
    {
        var result = await gate.Store.ProposeAsync(new Command.ChangeAuth(change) { Author = author });
        if (result is CommandResult.Refused(var refusal))
            throw new StoreRefusedException(refusal);
        gate.Access.Learn(change);
        return new(gate.Header);
    }

    private static AuthChange Grant(RoleGrantPermissionRequest request) => request.Permission is { } permission
        ? new AuthChange.GrantPermission(request.Role, new(new(permission.Key, permission.RangeEnd), (Keyspace.Access)permission.Type))
        : throw new StoreRefusedException(StoreRefusal.PermissionMissing);

    /// <summary>Checked on the loop, then on a thread that may take its time, then given a token on the loop if nothing changed meanwhile.</summary>
    private async Task<AuthenticateResponse> AuthenticateAsync(AuthenticateRequest request)
    {
        while (true)
        {
            var (user, revision) = await gate.AskAsync(() => Auth.Enabled
                ? (Auth.User(request.Name), Auth.Revision)
                : throw new StoreRefusedException(StoreRefusal.AuthenticationDisabled));
            if (user is { Secret.IsEmpty: true })
                throw new GrpcException(GrpcCode.Unknown, NoPasswordUser);
            if (request.Password.Length > PasswordCharsMax || !await passwords.MatchesAsync(request.Password, user?.Secret))
                throw new StoreRefusedException(StoreRefusal.AuthenticationFailed);
            var token = await gate.AskAsync(() => Auth.Revision == revision && Auth.Enabled ? gate.Access.Issue(request.Name) : null);
            if (token is not null)
                return new(await gate.AskAsync(() => gate.Header), token);
        }
    }

    private async Task<HeaderResponse> AddUserAsync(GrpcServerCall call, UserAddRequest request)
    {
        var noPassword = request.Options is { HasNoPassword: true };
        var author = await AdministratorAsync(call);
        if (request.HashedPassword.Length > 0 || request.Password.Length > PasswordCharsMax)
            throw new StoreRefusedException(StoreRefusal.AuthManagementInvalid);        // digests are made here and nowhere else
        var secret = noPassword || request.Name.Length == 0 ? default : await passwords.MakeAsync(request.Password);
        return await gate.AskAsync(() => ChangeAsync(new AuthChange.AddUser(request.Name, secret), author));
    }

    private async Task<HeaderResponse> ChangePasswordAsync(GrpcServerCall call, UserChangePasswordRequest request)
    {
        var author = await AdministratorAsync(call);
        if (request.HashedPassword.Length > 0 || request.Password.Length > PasswordCharsMax)
            throw new StoreRefusedException(StoreRefusal.AuthManagementInvalid);
        var secret = await passwords.MakeAsync(request.Password);
        return await gate.AskAsync(() => ChangeAsync(new AuthChange.ChangePassword(request.Name, secret), author));
    }

    /// <summary>Before the work of a digest, so that only an administrator can ask for it; checked again when the change is applied.</summary>
    private Task<Author> AdministratorAsync(GrpcServerCall call)
    {
        var credentials = ServiceMethods.CredentialsOf(call);
        return gate.AskAsync(() =>
        {
            var author = gate.Access.Identify(credentials);
            ServiceMethods.Require(Auth.CheckAdministrator(author));
            return author;
        });
    }

    private AuthStatusResponse Status(EmptyRequest request, Author author)
    {
        ServiceMethods.Require(Auth.CheckAdministrator(author));
        return new(gate.Header, Auth.Enabled, (ulong)Auth.Revision);
    }

    private NamesResponse User(NameRequest request, Author author)
    {
        if (request.Name.Length == 0 || request.Name != author.User)
            ServiceMethods.Require(Auth.CheckAdministrator(author));
        return Auth.User(request.Name) is { } user
            ? new(gate.Header, user.Roles)
            : throw new StoreRefusedException(StoreRefusal.UserNotFound);
    }

    private NamesResponse Users(EmptyRequest request, Author author)
    {
        ServiceMethods.Require(Auth.CheckAdministrator(author));
        return new(gate.Header, [.. Auth.Users.Select(user => user.Name)]);
    }

    private NamesResponse Roles(EmptyRequest request, Author author)
    {
        ServiceMethods.Require(Auth.CheckAdministrator(author));
        return new(gate.Header, [.. Auth.Roles.Select(role => role.Name)]);
    }

    private RoleGetResponse Role(NameRequest request, Author author)
    {
        if (Auth.User(author.User)?.Roles.Contains(request.Name) != true)
            ServiceMethods.Require(Auth.CheckAdministrator(author));
        return Auth.Role(request.Name) is { } role
            ? new(gate.Header, [.. role.Permissions.Select(held => new Codecs.Etcd.Permission((PermissionType)held.Access, held.Keys.Start, held.Keys.End))])
            : throw new StoreRefusedException(StoreRefusal.RoleNotFound);
    }
}
