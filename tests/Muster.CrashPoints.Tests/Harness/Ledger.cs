using System.Collections.Immutable;

namespace Muster.CrashPoints.Tests.Harness;

/// <summary>What a path asked for, and what it was promised; a crash keeps a copy of it.</summary>
public sealed class Ledger
{
    /// <summary>All that may be found after a crash, in order.</summary>
    public ImmutableList<string> Attempted { get; private set; } = [];

    /// <summary>How many of these must be found: they were acknowledged, or shown to someone.</summary>
    public int Promised { get; private set; }

    /// <summary>Notes something before it is asked for.</summary>
    public void Attempt(string what) => Attempted = Attempted.Add(what);

    /// <summary>Notes that everything up to here was acknowledged.</summary>
    public void Promise(int count) => Promised = Math.Max(Promised, count);

    /// <summary>Notes that all that was attempted was acknowledged.</summary>
    public void PromiseAll() => Promise(Attempted.Count);

    /// <summary>Checks what a recovery found: all that was promised, nothing that was not attempted, in order.</summary>
    public void RequirePrefix(IReadOnlyList<string> found)
    {
        if (found.Count < Promised)
            throw new CrashPointException($"{Promised} were promised and {found.Count} found: '{string.Join(' ', found)}' of "
                + $"'{string.Join(' ', Attempted)}'");
        if (found.Count > Attempted.Count || !Attempted.Take(found.Count).SequenceEqual(found))
            throw new CrashPointException($"found '{string.Join(' ', found)}', which is no beginning of '{string.Join(' ', Attempted)}'");
    }

    /// <summary>Goes on from what a recovery found; having shown it, the recovery promised it.</summary>
    public void Resume(IEnumerable<string> found)
    {
        Attempted = [.. found];
        Promised = Attempted.Count;
    }

    /// <summary>A copy that goes its own way.</summary>
    public Ledger Copy() => new() { Attempted = Attempted, Promised = Promised };
}

/// <summary>A crash was survived wrongly.</summary>
public sealed class CrashPointException(string message, Exception? inner = null) : Exception(message, inner);
