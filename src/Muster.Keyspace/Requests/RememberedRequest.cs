using Muster.Primitives;

namespace Muster.Keyspace;

/// <summary>A client's last applied request.</summary>
/// <param name="Request">Which.</param>
/// <param name="Result">What it returned; null when that was too large to keep.</param>
public sealed record RememberedRequest(RequestId Request, CommandResult? Result);
