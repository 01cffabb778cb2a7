using System.Collections.Immutable;
using Muster.Codecs.Protobuf;
using Muster.Primitives;

namespace Muster.Codecs.Etcd;

/// <summary>Results of transactions: inside one, headers carry only a revision, and those of nested transactions nothing.</summary>
internal static class TransactionResultCodec
{
    public static void Write(ProtoWriter writer, ResponseHeader header, TransactionResult result)
    {
        writer.Message(1, header);
        writer.Flag(2, result.Succeeded);
        foreach (var part in result.Results)
        {
            var mark = writer.Open(3);
            Write(writer, part);
            writer.Close(mark);
        }
    }

    public static TxnResponse Read(scoped ref ProtoReader reader)
    {
        var (header, succeeded) = (default(ResponseHeader), false);
        var results = ImmutableArray.CreateBuilder<OperationResult>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: succeeded = reader.Bool(); break;
                case 3: results.Add(ReadPart(reader.Message())); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, new(succeeded, results.DrainToImmutable(), header.Revision));
    }

    private static void Write(ProtoWriter writer, OperationResult part)
    {
        switch (part)
        {
            case OperationResult.Range range:
                writer.Message(1, new RangeResponse(At(range.At), range));
                break;
            case OperationResult.Put put:
                writer.Message(2, new PutResponse(At(put.At), put));
                break;
            case OperationResult.Delete delete:
                writer.Message(3, new DeleteRangeResponse(At(delete.At), delete));
                break;
            case OperationResult.Nested(var nested):
                var mark = writer.Open(4);
                Write(writer, default, nested);
                writer.Close(mark);
                break;
        }
    }

    private static OperationResult ReadPart(ProtoReader reader)
    {
        OperationResult? part = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: part = reader.Message<RangeResponse>().Range; break;
                case 2: part = reader.Message<PutResponse>().Put; break;
                case 3: part = reader.Message<DeleteRangeResponse>().Delete; break;
                case 4: part = new OperationResult.Nested(reader.Message<TxnResponse>().Result); break;
                default: reader.Skip(); break;
            }
        }

        return part ?? throw reader.Fail("an operation's result says nothing of what was done");
    }

    private static ResponseHeader At(Revision revision) => new(default, default, revision, 0);
}
