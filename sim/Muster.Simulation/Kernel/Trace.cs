namespace Muster.Simulation.Kernel;

/// <summary>Everything that happened in a run, folded into one number; equal seeds give equal numbers.</summary>
/// <remarks>FNV-1a over 64-bit words with a fold, so that high bits reach low ones. Not for adversaries.</remarks>
public sealed class Trace(int keepLines = 0)
{
    private const ulong Prime = 0x100000001B3;

    private readonly Queue<string> _lines = new();

    /// <summary>The hash of all that was recorded so far.</summary>
    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    /// <summary>How many records the hash covers.</summary>
    public long Records { get; private set; }

    /// <summary>The last lines, when they are kept: what a replay explains a failure with.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Records an event of a process, or of the world when there is none.</summary>
    public void Record(TimeSpan now, string process, string what)
    {
        Mix((ulong)now.Ticks);
        Mix(process);
        Mix(what);
        Records++;
        if (keepLines == 0)
            return;
        _lines.Enqueue($"{now.TotalSeconds,12:0.000000} {process,-16} {what}");
        if (_lines.Count > keepLines)
            _lines.Dequeue();
    }

    /// <summary>Records that a process ran its next piece of work.</summary>
    public void Step(TimeSpan now, int process)
    {
        Mix((ulong)now.Ticks);
        Mix((ulong)process);
    }

    /// <summary>A hash of bytes, for records that name what was sent or written.</summary>
    public static uint Digest(ReadOnlySpan<byte> bytes)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var b in bytes)
            hash = (hash ^ b) * Prime;
        return (uint)(hash ^ (hash >> 32));
    }

    private void Mix(string text)
    {
        foreach (var c in text)
            Hash = (Hash ^ c) * Prime;
        Mix((ulong)text.Length);
    }

    private void Mix(ulong word)
    {
        var mixed = (Hash ^ word) * Prime;
        Hash = mixed ^ (mixed >> 32);
    }
}
