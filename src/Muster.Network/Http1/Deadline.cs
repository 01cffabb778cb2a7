namespace Muster.Network.Http1;

/// <summary>A caller's cancellation, or the end of a duration, whichever comes first.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource? _source;
    private readonly CancellationTokenRegistration _registration;

    public Deadline(TimeSpan within, TimeProvider time, CancellationToken cancel)
    {
        Token = cancel;
        if (within == Timeout.InfiniteTimeSpan)
            return;
        _source = new CancellationTokenSource(within, time);
        _registration = cancel.Register(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        Token = _source.Token;
    }

    public CancellationToken Token { get; }

    public void Dispose()
    {
        _registration.Dispose();
        _source?.Dispose();
    }
}
