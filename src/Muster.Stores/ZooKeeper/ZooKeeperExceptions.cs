using Muster.Codecs.ZooKeeper;

namespace Muster.Stores.ZooKeeper;

/// <summary>ZooKeeper refuses what must not be refused; an operator has to act.</summary>
public sealed class ZooKeeperRefusedException(string what, ZooKeeperError error)
    : Exception($"ZooKeeper refuses {what}: {Explain(error)}")
{
    /// <summary>Its reason.</summary>
    public ZooKeeperError Error { get; } = error;

    private static string Explain(ZooKeeperError error) => error switch
    {
        ZooKeeperError.AuthFailed => "the user or password is wrong",
        ZooKeeperError.NoAuth => "this user may not do it; give user:password in the store's address, or the nodes' access lists the right user",
        ZooKeeperError.InvalidAcl => "the access list is not accepted; is scheme digest allowed there?",
        _ => $"error {error} ({(int)error})",
    };
}

/// <summary>The connection ended before an answer came: what was asked may have been done or not.</summary>
internal sealed class ConnectionLostException(string detail) : Exception(detail);
