using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Muster.Primitives;

/// <summary>What must be true unless we, or the disk, are wrong. Stays on in release; nobody catches it.</summary>
public static class Invariant
{
    /// <summary>Ends the process (or the simulated run) when a condition does not hold.</summary>
    /// <exception cref="InvariantBrokenException">The condition is false.</exception>
    public static void Require(
        [DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string? expression = null)
    {
        if (!condition)
            throw new InvariantBrokenException(expression ?? "unstated");
    }
}

/// <summary>An invariant did not hold: the state is not to be trusted, so the process ends and recovers from disk.</summary>
public sealed class InvariantBrokenException(string expression) : Exception($"invariant broken: {expression}")
{
    /// <summary>The condition, as written in the code.</summary>
    public string Expression { get; } = expression;
}
