using System.Collections.Immutable;
using Muster.Codecs.Protobuf;

namespace Muster.Codecs.Etcd;

/// <summary>Asks who the members are.</summary>
/// <param name="IsLinearizable">Whether the newest state is wanted.</param>
public readonly record struct MemberListRequest(bool IsLinearizable) : IProtoMessage<MemberListRequest>
{
    /// <inheritdoc/>
    public static MemberListRequest Read(scoped ref ProtoReader reader)
    {
        var isLinearizable = false;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: isLinearizable = reader.Bool(); break;
                default: reader.Skip(); break;
            }
        }

        return new(isLinearizable);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Flag(1, IsLinearizable);
    }
}

/// <summary>A server of a cluster.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="PeerUrls">Where the other servers reach it.</param>
/// <param name="ClientUrls">Where clients reach it; they go there, so it must be true.</param>
/// <param name="IsLearner">Whether it does not vote.</param>
public sealed record Member(MemberId Id, string Name, ImmutableArray<string> PeerUrls, ImmutableArray<string> ClientUrls, bool IsLearner)
    : IProtoMessage<Member>
{
    /// <inheritdoc/>
    public static Member Read(scoped ref ProtoReader reader)
    {
        var id = default(MemberId);
        var name = "";
        var peerUrls = ImmutableArray.CreateBuilder<string>();
        var clientUrls = ImmutableArray.CreateBuilder<string>();
        var isLearner = false;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = new(reader.UInt64()); break;
                case 2: name = reader.String(); break;
                case 3: peerUrls.Add(reader.String()); break;
                case 4: clientUrls.Add(reader.String()); break;
                case 5: isLearner = reader.Bool(); break;
                default: reader.Skip(); break;
            }
        }

        return new(id, name, peerUrls.DrainToImmutable(), clientUrls.DrainToImmutable(), isLearner);
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Number(1, Id.Number);
        writer.Text(2, Name);
        foreach (var item in PeerUrls)
            writer.TextItem(3, item);
        foreach (var item in ClientUrls)
            writer.TextItem(4, item);
        writer.Flag(5, IsLearner);
    }
}

/// <summary>Who the members are.</summary>
/// <param name="Header">Whose answer.</param>
/// <param name="Members">All of them.</param>
public sealed record MemberListResponse(ResponseHeader Header, ImmutableArray<Member> Members) : IProtoMessage<MemberListResponse>
{
    /// <inheritdoc/>
    public static MemberListResponse Read(scoped ref ProtoReader reader)
    {
        var header = default(ResponseHeader);
        var members = ImmutableArray.CreateBuilder<Member>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: header = reader.Message<ResponseHeader>(); break;
                case 2: members.Add(reader.Message<Member>()); break;
                default: reader.Skip(); break;
            }
        }

        return new(header, members.DrainToImmutable());
    }

    /// <inheritdoc/>
    public void Write(ProtoWriter writer)
    {
        writer.Message(1, Header);
        foreach (var item in Members)
            writer.Message(2, item);
    }
}
