using Muster.Etcd.Tests.Servers;
using Muster.Stores;

namespace Muster.Conformance.Tests;

/// <summary>The etcd engine on a store of our own: an embedded one, served with etcd's protocol, on a directory of its own.</summary>
internal sealed class ServedEngine : IEngine
{
    private readonly string _directory;
    private readonly ServedStore _served;
    private readonly IEngine _client;

    private ServedEngine(string directory, ServedStore served, IEngine client) => (_directory, _served, _client) = (directory, served, client);

    public IStore Store => _client.Store;

    public TimeSpan Term => _client.Term;

    public TimeSpan Now => _client.Now;

    public static async Task<IEngine> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("muster-served-").FullName;
        var served = await ServedStore.StartAsync(directory);
        return new ServedEngine(directory, served, await EtcdEngine.StartAsync(served.Address.Authority));
    }

    public Task ReopenAsync() => _client.ReopenAsync();

    public Task AdvanceAsync(TimeSpan time) => _client.AdvanceAsync(time);

    public void Dispose()
    {
        _client.Dispose();
        Task.Run(async () => await _served.DisposeAsync()).GetAwaiter().GetResult();      // not on this loop, which waits here
        Directory.Delete(_directory, recursive: true);
    }
}
