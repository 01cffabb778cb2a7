using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Codecs.JobFile;
using Muster.Runtime;
using Muster.Server;
using Muster.Server.Etcd;
using Muster.Stores.Embedded;

namespace Muster.Cli.Commands;

/// <summary>`muster server`: a store served with etcd's protocol.</summary>
internal static class ServerCommand
{
    private const string DefaultListen = "127.0.0.1:2379";

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Directory of the store; made when missing.", Required = true, HelpName = "DIR" };
        var listen = new Option<string[]>("--listen")
        {
            Description = "Where clients of etcd's API connect; may be repeated.", DefaultValueFactory = _ => [DefaultListen], HelpName = "ADDRESS:PORT",
        };
        var advertise = new Option<string[]>("--advertise") { Description = "URLs that clients are told of; those it listens on where not given.", HelpName = "URL" };
        var name = new Option<string>("--name") { Description = "The member's name.", DefaultValueFactory = _ => "default" };
        var quota = new Option<string>("--quota") { Description = "Space that clients may fill.", DefaultValueFactory = _ => "2GiB", HelpName = "SIZE" };
        var history = new Option<long>("--history")
        {
            Description = "Revisions that can be read and watched again; twice as many bring a compaction.", DefaultValueFactory = _ => 100_000,
        };
        var tls = new TlsServerOptions();
        var output = CommonOptions.Output();
        var command = new Command("server", "Serves a store with etcd's API v3, until SIGTERM or Ctrl-C.")
        {
            data, listen, advertise, name, quota, history, tls.Certificate, tls.Key, tls.ClientAuthority, output,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(data)!,
            tls.Fill(parsed, new EtcdOptions
            {
                Listen = [.. parsed.GetValue(listen)!.Select(ParseAddress)], Name = parsed.GetValue(name)!, Advertise = [.. parsed.GetValue(advertise) ?? []],
            }),
            EmbeddedStoreOptions.Default with { QuotaBytes = Quota(parsed.GetValue(quota)!), HistoryRevisions = History(parsed.GetValue(history)) },
            parsed.IsJson(output)));
        return command;
    }

    /// <summary><c>ADDRESS:PORT</c>, <c>localhost:PORT</c> or <c>:PORT</c> for every address.</summary>
    internal static IPEndPoint ParseAddress(string text)
    {
        var spelled = text.StartsWith("localhost:", StringComparison.Ordinal) ? "127.0.0.1" + text[9..]
            : text.StartsWith(':') ? "[::]" + text
            : text;
        return spelled.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(spelled, out var address)
            && !(address.Port == 0 && !spelled.EndsWith(":0", StringComparison.Ordinal))
            ? address
            : throw new CliException(ExitCode.Usage, $"--listen {text}: write ADDRESS:PORT, such as {DefaultListen} or 0.0.0.0:2379");
    }

    private static long Quota(string text) => Quantities.TrySize(text, out var bytes) && bytes > 0
        ? bytes
        : throw new CliException(ExitCode.Usage, $"--quota {text}: write a size, such as 2GiB or 500MB");

    private static long History(long revisions) =>
        revisions > 0 ? revisions : throw new CliException(ExitCode.Usage, $"--history {revisions}: at least 1");

    private static int Run(string data, EtcdOptions options, EmbeddedStoreOptions store, bool json)
    {
        if (options.CertificateFile is null && options.Listen.Any(address => !IPAddress.IsLoopback(address.Address)))
            Console.Error.WriteLine("muster server: other hosts can connect in plain text and without proof of who they are; see --tls-cert, --client-ca and docs/operations/serving.md");
        using var stopping = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        LoopContext.Run("server", () => ServerProcess.ServeAsync(data, options, store, served => Say(served, json), stopping.Token));
        return ExitCode.Done;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
    }

    private static void Say(ServedStore served, bool json) => Console.WriteLine(json
        ? JsonSerializer.Serialize(
            new ServingLine("serving", served.Directory, served.Cluster.ToString(), served.At.Number, [.. served.Addresses]), ServerJson.Default.ServingLine)
        : $"muster server: serving etcd's API v3 on {string.Join(", ", served.Addresses)}: cluster {served.Cluster} at revision {served.At}, data in {served.Directory}");
}

/// <summary>Options of TLS that a server takes.</summary>
internal sealed class TlsServerOptions
{
    public Option<string?> Certificate { get; } = new("--tls-cert")
    {
        Description = "The server's certificate in PEM, those between it and its authority behind it.", HelpName = "FILE",
    };

    public Option<string?> Key { get; } = new("--tls-key") { Description = "The certificate's private key in PEM.", HelpName = "FILE" };

    public Option<string?> ClientAuthority { get; } = new("--client-ca")
    {
        Description = "Authorities in PEM; a client must bring a certificate of theirs, whose common name is its user.", HelpName = "FILE",
    };

    public EtcdOptions Fill(ParseResult parsed, EtcdOptions options)
    {
        var (certificate, key, authority) = (parsed.GetValue(Certificate), parsed.GetValue(Key), parsed.GetValue(ClientAuthority));
        if (certificate is null != key is null)
            throw new CliException(ExitCode.Usage, "--tls-cert and --tls-key go together");
        if (authority is not null && certificate is null)
            throw new CliException(ExitCode.Usage, "--client-ca needs --tls-cert and --tls-key");
        return options with { CertificateFile = certificate, KeyFile = key, ClientAuthorityFile = authority };
    }
}

/// <summary>What a server says with -o json once it serves.</summary>
internal sealed record ServingLine(string Event, string Data, string Cluster, long Revision, string[] Addresses);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ServingLine))]
internal sealed partial class ServerJson : JsonSerializerContext;
