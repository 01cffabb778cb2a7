using System.Collections.Immutable;
using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>A lease as granted.</summary>
/// <param name="Lease">Its id.</param>
/// <param name="Seconds">Its term in seconds.</param>
public readonly record struct LeaseTerm(LeaseId Lease, long Seconds);

/// <summary>A lease and what hangs on it.</summary>
/// <param name="Lease">Its id.</param>
/// <param name="Seconds">Its term in seconds, as granted; what remains of it is for whoever has a clock.</param>
/// <param name="Keys">The keys attached, in ascending order.</param>
public sealed record LeaseInfo(LeaseId Lease, long Seconds, ImmutableArray<ByteString> Keys);
