using Muster.Primitives;

namespace Muster.Server.Etcd.Access;

/// <summary>Makes and checks digests of passwords, few at a time: each takes a core for tens to hundreds of milliseconds.</summary>
// production seam: handlers run on the thread pool, and never on a loop.
internal sealed class PasswordWork : IDisposable
{
    /// <summary>Digests worked on at once; default 2.</summary>
    public const int AtOnceMax = 2;

    /// <summary>Callers that may wait; default 200. One more is refused with <see cref="StoreRefusal.TooManyRequests"/>.</summary>
    public const int WaitingMax = 200;

    private readonly SemaphoreSlim _free = new(AtOnceMax);
    private int _waiting;

    /// <summary>A new digest of a password.</summary>
    public Task<ByteString> MakeAsync(string password) => DoAsync(() => PasswordDigest.Make(password));

    /// <summary>Whether a password is the one that a digest was made of; null takes as long and is not.</summary>
    public Task<bool> MatchesAsync(string password, ByteString? secret) => DoAsync(() => PasswordDigest.Matches(password, secret));

    /// <inheritdoc/>
    public void Dispose() => _free.Dispose();

    private async Task<T> DoAsync<T>(Func<T> work)
    {
        if (Interlocked.Increment(ref _waiting) > WaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            throw new StoreRefusedException(StoreRefusal.TooManyRequests);
        }

        await _free.WaitAsync();
        try
        {
            return await Task.Run(work);
        }
        finally
        {
            _free.Release();
            Interlocked.Decrement(ref _waiting);
        }
    }
}
