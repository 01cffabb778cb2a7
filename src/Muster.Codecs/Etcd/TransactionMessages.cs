using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>Asks for a guarded transaction.</summary>
/// <param name="Transaction">What. An operation that names nothing to do is a put without key in it.</param>
/// <param name="HasEmptyOperation">Whether an operation names nothing to do; etcd answers
/// <see cref="StoreRefusal.KeyNotFound"/>.</param>
/// <param name="IsOversized">Whether guards or operations beyond <see cref="EtcdLimits"/> were left out: the answer is
/// <see cref="StoreRefusal.TooManyOperations"/>, and the transaction must not run.</param>
public readonly record struct TxnRequest(Transaction Transaction, bool HasEmptyOperation = false, bool IsOversized = false)
    : IProtoMessage<TxnRequest>
{
    /// <inheritdoc/>
    public static TxnRequest Read(scoped ref ProtoReader reader)
    {
        var decoder = new TransactionDecoder();
        var transaction = decoder.Read(reader, 0);
        return new(transaction, decoder.HasEmptyOperation, decoder.IsOversized);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer) => TransactionEncoder.Write(writer, Transaction);
}

/// <summary>What a transaction returned.</summary>
/// <param name="Header">Whose answer; of a transaction inside another, empty.</param>
/// <param name="Result">What came of it; its revision is the header's.</param>
public readonly record struct TxnResponse(ResponseHeader Header, TransactionResult Result) : IProtoMessage<TxnResponse>
{
    /// <inheritdoc/>
    public static TxnResponse Read(scoped ref ProtoReader reader) => TransactionResultCodec.Read(ref reader);

    /// <inheritdoc/>
    public void Write(ProtoWriter writer) => TransactionResultCodec.Write(writer, Header, Result);
}
