using Muster.Codecs.ZooKeeper;
using Muster.Primitives;

namespace Muster.Stores.ZooKeeper;

/// <summary>What a client remembers of its session, and when it must speak or give up; no clock of its own.</summary>
internal sealed class SessionState(TimeSpan wished)
{
    private static readonly TimeSpan s_pingAtLeast = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _wished = wished;
    private byte[] _password = new byte[ConnectRequest.PasswordBytes];

    public long Id { get; private set; }

    public TimeSpan Timeout { get; private set; } = wished;

    public long LastZxid { get; private set; }

    public Instant LastHeard { get; private set; }

    public Instant LastSent { get; private set; }

    public ConnectRequest Hello() => new(LastZxid, _wished, Id, _password);

    public void Begun(Instant now) => (LastHeard, LastSent) = (now, now);

    public void Sent(Instant now) => LastSent = now;

    public void Heard(Instant now, long zxid)
    {
        LastHeard = now;
        if (zxid > LastZxid)
            LastZxid = zxid;
    }

    /// <returns>False when the session has ended; the next hello asks for a new one.</returns>
    public bool Answered(ConnectResponse response)
    {
        if (response.IsExpired)
        {
            (Id, _password) = (0, new byte[ConnectRequest.PasswordBytes]);
            return false;
        }

        (Id, _password, Timeout) = (response.Session, response.Password.ToArray(), response.Timeout);
        return true;
    }

    /// <summary>A third of the session passed in silence of ours: the server must hear something.</summary>
    public bool MustPing(Instant now) => now - LastSent >= Timeout / 3 || now - LastSent >= s_pingAtLeast;

    /// <summary>Two thirds of the session passed in silence of the server's: another one may still be in time.</summary>
    public bool MustMove(Instant now) => now - LastHeard >= Timeout * 2 / 3;
}
