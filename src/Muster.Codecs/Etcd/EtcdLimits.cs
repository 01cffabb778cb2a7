namespace Muster.Codecs.Etcd;

/// <summary>Bounds of what is decoded, so that few bytes do not become many objects.</summary>
public static class EtcdLimits
{
    /// <summary>Guards and operations of one transaction at all levels; 100,000. What is beyond is not kept, and
    /// <see cref="TxnRequest.IsOversized"/> says so.</summary>
    public const int TransactionItemsMax = 100_000;

    /// <summary>Transactions inside transactions; 128, as many as etcd's own limit of operations lets through.</summary>
    public const int TransactionDepthMax = 128;
}
