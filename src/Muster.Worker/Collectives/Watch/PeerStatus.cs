using System.Diagnostics;

namespace Muster.Worker.Collectives;

/// <summary>What this rank last heard of every rank. Written by the watch, read by the caller.</summary>
internal sealed class PeerStatus
{
    private readonly int _rank;
    private readonly long[] _heardAt;
    private readonly long[] _sequence;
    private readonly int[] _waitingOn;
    private readonly bool[] _left;

    public PeerStatus(int rank, int worldSize)
    {
        _rank = rank;
        _heardAt = new long[worldSize];
        _sequence = new long[worldSize];
        _waitingOn = new int[worldSize];
        _left = new bool[worldSize];
        Array.Fill(_waitingOn, -1);
        Array.Fill(_heardAt, Stopwatch.GetTimestamp());
    }

    public void Heard(in ControlMessage message)
    {
        Volatile.Write(ref _sequence[message.Rank], message.Sequence);
        Volatile.Write(ref _waitingOn[message.Rank], message.WaitingOn);
        Volatile.Write(ref _heardAt[message.Rank], Stopwatch.GetTimestamp());
    }

    public void MarkLeft(int rank) => Volatile.Write(ref _left[rank], true);

    public bool HasLeft(int rank) => Volatile.Read(ref _left[rank]);

    public long Sequence(int rank) => Volatile.Read(ref _sequence[rank]);

    public ControlMessage Message(int rank)
    {
        var message = ControlMessage.Of(ControlKind.Status, rank);
        message.Sequence = Volatile.Read(ref _sequence[rank]);
        message.WaitingOn = Volatile.Read(ref _waitingOn[rank]);
        return message;
    }

    public TimeSpan SilentFor(int rank) =>
        rank == _rank ? TimeSpan.Zero : Stopwatch.GetElapsedTime(Volatile.Read(ref _heardAt[rank]));

    /// <summary>Whoever holds up the rank we wait for: follows "waits for" until a rank that waits for nobody or is silent.</summary>
    public int Culprit(int suspect, TimeSpan silence)
    {
        if (SilentFor(0) > silence)
            return 0;   // news of everybody else come through rank 0, so all of them look silent
        var found = suspect;
        for (var i = 0; i < _heardAt.Length && found != _rank; i++)
        {
            var next = Volatile.Read(ref _waitingOn[found]);
            if (next < 0 || SilentFor(found) > silence)
                return found;
            found = next;
        }

        return suspect;
    }
}
