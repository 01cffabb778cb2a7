using System.Collections.Immutable;
using Muster.Codecs.Protobuf;

namespace Muster.Codecs.Etcd;

/// <summary>How a server is.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Version">The version of etcd that it is like; clients read it as a semantic version.</param>
/// <param name="DatabaseBytes">Bytes on the disk.</param>
/// <param name="Leader">Who leads.</param>
/// <param name="RaftIndex">The newest record of the log.</param>
/// <param name="RaftTerm">The number of the last election.</param>
/// <param name="RaftAppliedIndex">The newest record applied.</param>
/// <param name="Errors">What is wrong, alarms among it.</param>
/// <param name="DatabaseBytesInUse">Bytes that hold something.</param>
/// <param name="IsLearner">Whether it does not vote.</param>
/// <param name="StorageVersion">Version of the format on the disk; empty before etcd 3.6.</param>
/// <param name="DatabaseBytesQuota">Bytes allowed; 0 before etcd 3.6.</param>
public sealed record StatusResponse(ResponseHeader Header, string Version, long DatabaseBytes, MemberId Leader, ulong RaftIndex, ulong RaftTerm, ulong RaftAppliedIndex, ImmutableArray<string> Errors, long DatabaseBytesInUse, bool IsLearner, string StorageVersion, long DatabaseBytesQuota)
    : IProtoMessage<StatusResponse>
{
    /// <inheritdoc/>
    public static StatusResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var version = "";
        var databaseBytes = 0L;
        var leader = default(MemberId);
        var raftIndex = 0UL;
        var raftTerm = 0UL;
        var raftAppliedIndex = 0UL;
        var errors = ImmutableArray.CreateBuilder<string>();
        var databaseBytesInUse = 0L;
        var isLearner = false;
        var storageVersion = "";
        var databaseBytesQuota = 0L;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: version = reader.String(); break;
                case 3: databaseBytes = reader.Int64(); break;
                case 4: leader = new(reader.UInt64()); break;
                case 5: raftIndex = reader.UInt64(); break;
                case 6: raftTerm = reader.UInt64(); break;
                case 7: raftAppliedIndex = reader.UInt64(); break;
                case 8: errors.Add(reader.String()); break;
                case 9: databaseBytesInUse = reader.Int64(); break;
                case 10: isLearner = reader.Bool(); break;
                case 11: storageVersion = reader.String(); break;
                case 12: databaseBytesQuota = reader.Int64(); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, version, databaseBytes, leader, raftIndex, raftTerm, raftAppliedIndex, errors.DrainToImmutable(), databaseBytesInUse, isLearner, storageVersion, databaseBytesQuota);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        writer.Text(2, Version);
        writer.Number(3, DatabaseBytes);
        writer.Number(4, Leader.Number);
        writer.Number(5, RaftIndex);
        writer.Number(6, RaftTerm);
        writer.Number(7, RaftAppliedIndex);
        foreach (var item in Errors)
            writer.TextItem(8, item);
        writer.Number(9, DatabaseBytesInUse);
        writer.Flag(10, IsLearner);
        writer.Text(11, StorageVersion);
        writer.Number(12, DatabaseBytesQuota);
    }
}
