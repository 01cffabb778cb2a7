using Muster.Peers;
using Muster.Primitives;
using Muster.Runtime;
using Muster.Stores;
using Muster.Stores.Etcd;

namespace Muster.Conformance.Tests;

/// <summary>The etcd engine and a server that asks for certificates.</summary>
public sealed class EtcdTlsTests
{
    [Fact]
    public void Both_sides_prove_who_they_are_and_whoever_does_not_is_not_spoken_to() => LoopContext.Run("tls", async () =>
    {
        Peer.Require(EtcdPeer.IsInstalled, "etcd");
        using var ours = new Certificates();
        using var foreign = new Certificates();
        var (server, serverKey) = ours.Issue("server", "127.0.0.1", "etcd.example");
        var (client, clientKey) = ours.Issue("client");
        var (stranger, strangerKey) = foreign.Issue("stranger");
        using var etcd = EtcdPeer.Start(1, "--cert-file", server, "--key-file", serverKey, "--client-cert-auth", "--trusted-ca-file", ours.Authority);

        await WritesAsync($"etcds://{etcd.Endpoints}?prefix=/tls/&ca={ours.Authority}&cert={client}&key={clientKey}");
        await WritesAsync($"etcds://{etcd.Endpoints}?ca={ours.Authority}&cert={client}&key={clientKey}&name=etcd.example");

        await FailsAsync($"etcds://{etcd.Endpoints}?ca={foreign.Authority}&cert={client}&key={clientKey}");                       // another authority
        await FailsAsync($"etcds://{etcd.Endpoints}?cert={client}&key={clientKey}");                                             // the system's authorities
        await FailsAsync($"etcds://{etcd.Endpoints}?ca={ours.Authority}&cert={client}&key={clientKey}&name=other.example");      // another name
        await FailsAsync($"etcds://{etcd.Endpoints}?ca={ours.Authority}");                                                       // no certificate of ours
        await FailsAsync($"etcds://{etcd.Endpoints}?ca={ours.Authority}&cert={stranger}&key={strangerKey}");                     // a stranger's
        await FailsAsync($"etcd://{etcd.Endpoints}");                                                                            // plain text to a TLS port
        await FailsAsync($"etcds://{EtcdEngine.Server.Endpoints}?ca={ours.Authority}");                                          // the reverse
    });

    private static async Task WritesAsync(string url)
    {
        using var store = await OpenAsync(url, TimeSpan.FromSeconds(30));
        await store.TransactAsync(Transaction.Always(new Operation.Put(ByteString.From("a"), ByteString.From("1"))), null, default);
        Assert.Equal(1, (await store.RangeAsync(new Operation.Range(KeyRange.Single(ByteString.From("a"))), default)).Count);
    }

    private static async Task FailsAsync(string url) => await Assert.ThrowsAsync<StoreUnavailableException>(() => OpenAsync(url, TimeSpan.FromSeconds(1.5)));

    private static Task<EtcdStore> OpenAsync(string url, TimeSpan within) => EtcdStore.OpenAsync(
        EtcdAddress.Parse(url),
        EtcdStoreOptions.Default with { OpenWithin = within },
        new MonotonicClock(TimeProvider.System),
        new SeededRandom(1));
}
