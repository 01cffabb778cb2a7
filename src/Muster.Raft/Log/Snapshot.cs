namespace Muster.Raft;

/// <summary>The state after an entry, in place of the log up to it.</summary>
/// <param name="Position">The last entry that it stands for.</param>
/// <param name="Configuration">The membership at that entry.</param>
/// <param name="Data">What the shell needs to find the state: a name or the state itself. The core only hands it on.</param>
public sealed record Snapshot(LogPosition Position, Configuration Configuration, ReadOnlyMemory<byte> Data);
