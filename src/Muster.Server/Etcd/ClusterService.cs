using System.Collections.Immutable;
using Muster.Codecs.Etcd;
using Muster.Network.Http;
using Muster.Primitives;

namespace Muster.Server.Etcd;

/// <summary>etcdserverpb.Cluster: who the members are. One server that keeps its own store is one member without peers.</summary>
/// <param name="gate">The store.</param>
/// <param name="name">The member's name.</param>
/// <param name="addresses">Where clients reach it; those that balance switch to these.</param>
internal sealed class ClusterService(StoreGate gate, string name, Func<ImmutableArray<string>> addresses)
{
    public void AddTo(GrpcServer server) => server.OnLoop<MemberListRequest, MemberListResponse>(
        gate, "/etcdserverpb.Cluster/MemberList",
        (_, _) => new(gate.HeaderAt(Revision.None), [new Member(new(gate.Store.Member), name, [], addresses(), IsLearner: false)]));
}
