using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Muster.Cli.Commands;
using Muster.Network.Http;

namespace Muster.Cli.Store;

/// <summary>Where the store is and who asks: the same on every `muster store` command.</summary>
internal sealed class StoreOptions
{
    private const string PasswordVariable = "MUSTER_STORE_PASSWORD";

    private readonly Option<string> _endpoint = new("--endpoint")
    {
        Description = "Where the store is served: HOST:PORT or a URL, of a Muster server or any etcd.",
        DefaultValueFactory = _ => "127.0.0.1:2379", HelpName = "ADDRESS",
    };

    private readonly Option<string?> _user = new("--user")
    {
        Description = $"Who asks; without the password it is taken from {PasswordVariable}.", HelpName = "NAME[:PASSWORD]",
    };

    private readonly Option<string?> _authority = new("--ca") { Description = "Authorities of the server's certificate in PEM; the system's where not given.", HelpName = "FILE" };
    private readonly Option<string?> _certificate = new("--cert") { Description = "This client's certificate in PEM.", HelpName = "FILE" };
    private readonly Option<string?> _key = new("--key") { Description = "Its private key in PEM.", HelpName = "FILE" };
    private readonly Option<string> _output = CommonOptions.Output();

    /// <summary>Adds the options to a command whose action gets a connection.</summary>
    public Command On(Command command, Func<ParseResult, StoreConnection, bool, CancellationToken, Task<int>> action)
    {
        foreach (var option in (Option[])[_endpoint, _user, _authority, _certificate, _key, _output])
            command.Add(option);
        command.SetAction(async (parsed, cancel) =>
        {
            using var connection = await ConnectAsync(parsed, cancel);
            return await action(parsed, connection, parsed.IsJson(_output), cancel);
        });
        return command;
    }

    private async Task<StoreConnection> ConnectAsync(ParseResult parsed, CancellationToken cancel)
    {
        var tls = Tls(parsed);
        var text = parsed.GetValue(_endpoint)!;
        var url = text.Contains("://", StringComparison.Ordinal) ? text : $"{(tls is null ? "http" : "https")}://{text}";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.AbsolutePath != "/")
            throw new CliException(ExitCode.Usage, $"--endpoint {text}: write HOST:PORT, http://HOST:PORT or https://HOST:PORT");
        var connection = new StoreConnection(new GrpcChannel(address, GrpcChannelOptions.Default with { Tls = tls }));
        if (parsed.GetValue(_user) is { } user)
            await AuthenticateAsync(connection, user, cancel);
        return connection;
    }

    private static async Task AuthenticateAsync(StoreConnection connection, string user, CancellationToken cancel)
    {
        var colon = user.IndexOf(':', StringComparison.Ordinal);
        var password = colon >= 0 ? user[(colon + 1)..] : Environment.GetEnvironmentVariable(PasswordVariable)
            ?? throw new CliException(ExitCode.Usage, $"--user {user}: write NAME:PASSWORD, or set {PasswordVariable}");
        await connection.AuthenticateAsync(colon >= 0 ? user[..colon] : user, password, cancel);
    }

    private GrpcClientTls? Tls(ParseResult parsed)
    {
        var (authority, certificate, key) = (parsed.GetValue(_authority), parsed.GetValue(_certificate), parsed.GetValue(_key));
        if (certificate is null != key is null)
            throw new CliException(ExitCode.Usage, "--cert and --key go together");
        if (authority is null && certificate is null)
            return null;
        try
        {
            var authorities = new X509Certificate2Collection();
            if (authority is not null)
                authorities.ImportFromPemFile(authority);
            return new(authorities, certificate is null ? null : X509Certificate2.CreateFromPemFile(certificate, key));
        }
        catch (Exception failure) when (failure is CryptographicException or IOException)
        {
            throw new CliException(ExitCode.Usage, $"--ca, --cert or --key: {failure.Message}");
        }
    }
}
