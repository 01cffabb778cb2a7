using System.Runtime.InteropServices;

namespace Muster.Worker.Collectives;

/// <summary>Sends to the next rank and receives from the one before, both at once, on the caller's thread.</summary>
internal sealed unsafe class RingDriver(int rank, int worldSize, int next, int previous, PeerWatch watch)
{
    private const int CombineBytesMin = 32 * 1024;   // combine what arrived in pieces that are worth a call and stay in cache
    private const int SliceMilliseconds = 50;        // how late a verdict or the time limit may be noticed

    private readonly int _nextRank = (rank + 1) % worldSize;
    private readonly int _previousRank = (rank + worldSize - 1) % worldSize;
    private readonly int _spins = worldSize <= Environment.ProcessorCount ? 50 : 0;

    private long _sendStep, _receiveStep, _headerSent, _headerReceived, _sentBytes, _receivedBytes;
    private int _completed;   // elements of the current receive that are combined
    private Piece _sending, _receiving;

    /// <summary>Carries out the plan, after each neighbour has shown that it makes the same call.</summary>
    public void Run<TPlan>(TPlan plan, in CallHeader call, Deadline deadline) where TPlan : struct, IRingPlan
    {
        var header = call;
        CallHeader theirs = default;
        var steps = plan.Steps;
        (_sendStep, _receiveStep, _headerSent, _headerReceived) = (0, 0, 0, 0);
        (_sentBytes, _receivedBytes, _completed) = (0, 0, 0);
        _sending = steps > 0 ? plan.Sending(0) : default;
        _receiving = steps > 0 ? plan.Receiving(0) : default;
        var idle = 0;
        while (true)
        {
            SkipEmpty(ref plan, steps);
            if (_sendStep == steps && _receiveStep == steps && _headerSent == CallHeader.Bytes && _headerReceived == CallHeader.Bytes)
                return;
            var moved = Send(ref plan, steps, (byte*)&header, call);
            moved |= Receive(ref plan, steps, (byte*)&theirs, call, theirs);
            if (moved)
                idle = Busy(idle);
            else if (idle++ >= _spins)
                Await(ref plan, steps, call, deadline);
        }
    }

    private int Busy(int idle)
    {
        if (idle > 0)
            watch.Waiting(-1);
        return 0;
    }

    /// <summary>Steps past pieces that are done or empty, on both sides.</summary>
    private void SkipEmpty<TPlan>(ref TPlan plan, long steps) where TPlan : struct, IRingPlan
    {
        while (_receiveStep < steps && _completed == _receiving.Count)
        {
            _receiveStep++;
            (_completed, _receivedBytes) = (0, 0);
            _receiving = _receiveStep < steps ? plan.Receiving(_receiveStep) : default;
        }

        // Sends never run ahead of receives by more than one step: what they forward would be unknown.
        while (_sendStep < steps && _sentBytes == _sending.Bytes && _sendStep <= _receiveStep)
        {
            _sendStep++;
            _sentBytes = 0;
            _sending = _sendStep < steps ? plan.Sending(_sendStep) : default;
        }
    }

    /// <summary>Bytes of the current send that may go out now.</summary>
    private long MaySend<TPlan>(ref TPlan plan) where TPlan : struct, IRingPlan
    {
        if (!plan.Forwards(_sendStep) || _sendStep == 0 || _receiveStep >= _sendStep)
            return _sending.Bytes;
        return _receiveStep == _sendStep - 1 ? Math.Min(_completed, _sending.Count) * (long)_sending.ElementBytes : 0;
    }

    /// <summary>Bytes of the current receive whose place the send of the step before has left.</summary>
    private long MayReceive()
    {
        if (_receiveStep == 0 || _sendStep >= _receiveStep)
            return _receiving.Bytes;
        if (_sendStep < _receiveStep - 1)
            return 0;
        return _sentBytes == _sending.Bytes
            ? _receiving.Bytes
            : Math.Min(_sentBytes / Math.Max(1, _sending.ElementBytes), _receiving.Count) * _receiving.ElementBytes;
    }

    private bool Send<TPlan>(ref TPlan plan, long steps, byte* header, in CallHeader call) where TPlan : struct, IRingPlan
    {
        var allowed = _sendStep < steps ? MaySend(ref plan) - _sentBytes : 0;
        var headerLeft = CallHeader.Bytes - _headerSent;
        if (allowed + headerLeft == 0)
            return false;
        var slices = stackalloc Libc.Slice[2];
        slices[0] = new Libc.Slice { Start = header + _headerSent, Length = (nuint)headerLeft };
        slices[1] = new Libc.Slice { Start = _sending.Start + _sentBytes, Length = (nuint)allowed };
        var message = new Libc.MessageHeader { Slices = headerLeft == 0 ? slices + 1 : slices, SliceCount = headerLeft == 0 ? 1u : 2u };
        var sent = (long)Libc.SendMessage(next, &message, Libc.DontWait | Libc.NoSignal);
        if (sent < 0)
            return Blocked(_nextRank, call);
        var ofHeader = Math.Min(sent, headerLeft);
        _headerSent += ofHeader;
        _sentBytes += sent - ofHeader;
        return true;
    }

    private bool Receive<TPlan>(ref TPlan plan, long steps, byte* header, in CallHeader call, in CallHeader theirs)
        where TPlan : struct, IRingPlan
    {
        if (_headerReceived < CallHeader.Bytes)
        {
            if (!Take(header + _headerReceived, CallHeader.Bytes - _headerReceived, ref _headerReceived, call))
                return false;
            if (_headerReceived == CallHeader.Bytes && theirs != call)
                throw watch.Fail(CollectiveFailure.Mismatch, _previousRank,
                    $"rank {_previousRank} makes {theirs} while rank {rank} makes {call}");
            return true;
        }

        var allowed = _receiveStep < steps ? MayReceive() - _receivedBytes : 0;
        if (allowed == 0 || !Take(_receiving.Start + _receivedBytes, allowed, ref _receivedBytes, call))
            return false;
        var whole = (int)(_receivedBytes / _receiving.ElementBytes);
        if (whole == _receiving.Count || (long)(whole - _completed) * _receiving.ElementBytes >= CombineBytesMin)
        {
            plan.Received(_receiveStep, _receiving, _completed, whole);
            _completed = whole;
        }

        return true;
    }

    private bool Take(byte* start, long length, ref long total, in CallHeader call)
    {
        var count = (long)Libc.Receive(previous, start, (nuint)length, Libc.DontWait);
        if (count == 0)
            throw watch.Lost(_previousRank, call.ToString());
        if (count < 0)
            return Blocked(_previousRank, call);
        total += count;
        return true;
    }

    private bool Blocked(int peer, in CallHeader call) => Marshal.GetLastPInvokeError() switch
    {
        Libc.WouldBlock or Libc.Interrupted => false,
        _ => throw watch.Lost(peer, call.ToString()),
    };

    private void Await<TPlan>(ref TPlan plan, long steps, in CallHeader call, Deadline deadline) where TPlan : struct, IRingPlan
    {
        var wantsReceive = _headerReceived < CallHeader.Bytes || (_receiveStep < steps && MayReceive() > _receivedBytes);
        var wantsSend = _headerSent < CallHeader.Bytes || (_sendStep < steps && MaySend(ref plan) > _sentBytes);
        var waitingOn = wantsReceive ? _previousRank : _nextRank;
        var entries = stackalloc Libc.PollEntry[2];
        entries[0] = new Libc.PollEntry { Descriptor = wantsReceive ? previous : -1, Events = Libc.PollIn };
        entries[1] = new Libc.PollEntry { Descriptor = wantsSend ? next : -1, Events = Libc.PollOut };
        watch.Waiting(waitingOn);
        var ready = Libc.Poll(entries, 2, deadline.Milliseconds(SliceMilliseconds));
        if (ready > 0)
            return;

        watch.ThrowIfOver();
        if (!deadline.Passed)
            return;
        var culprit = watch.Peers.Culprit(waitingOn, watch.Silence);
        throw watch.Fail(CollectiveFailure.PeerSlow, culprit,
            $"rank {culprit} did not do its part of {call} within {deadline.Limit.TotalSeconds:0.###} s");
    }
}
