using Muster.Simulation.Kernel;

namespace Muster.Simulation.Network;

/// <summary>One way of a link: frames under way, in order, through whatever the network does to them.</summary>
/// <remarks>As a kernel's stream would: nothing is duplicated or reordered; a cut makes it wait and, in time, gives it up.</remarks>
internal sealed class Direction(SimulatedLink from)
{
    private const int FramesMax = 65_536;
    private const double LostByDeathChance = 0.25;

    private readonly Queue<(byte[]? Frame, TimeSpan ReadyAt)> _underWay = new();   // a null frame is the end of the stream
    private TimeSpan _lastReadyAt;
    private TimeSpan? _stalledSince;
    private bool _pumping;
    private bool _swallows;

    public long Number => from.Key;

    private SimulatedWorld World => from.Process.World;

    private SimulatedNetwork Network => World.Network;

    /// <summary>Puts a frame on its way; false when too many are.</summary>
    public bool Send(byte[] frame)
    {
        if (_swallows)
            return _underWay.Count < FramesMax;
        var conditions = from.Peer is { } peer ? Network.Conditions(from.Process.Host, peer.Process.Host) : NetworkConditions.Healthy;
        if (conditions.BlackHoleChance > 0 && Network.Chance.Chance(conditions.BlackHoleChance))
        {
            from.Process.Fact($"net.swallows {from.Key}");
            _swallows = true;
            return true;
        }

        if (conditions.BreakChance > 0 && Network.Chance.Chance(conditions.BreakChance))
        {
            Break("broken by the network");
            return true;
        }

        Add(frame, conditions);
        return _underWay.Count <= FramesMax;
    }

    /// <summary>Sends the end of the stream after what is under way.</summary>
    public void End()
    {
        if (!_swallows)
            Add(null, from.Peer is { } peer ? Network.Conditions(from.Process.Host, peer.Process.Host) : NetworkConditions.Healthy);
    }

    /// <summary>The sender was killed: what its kernel had not sent yet may be lost, then comes the end.</summary>
    public void EndByDeath()
    {
        if (_underWay.Count > 0 && Network.Chance.Chance(LostByDeathChance))
        {
            var kept = _underWay.Take(Network.Chance.Next(_underWay.Count)).ToList();
            _underWay.Clear();
            kept.ForEach(_underWay.Enqueue);
        }

        End();
    }

    /// <summary>The sender's host is gone, and with it all that was under way.</summary>
    public void Abandon()
    {
        _underWay.Clear();
        _stalledSince = null;
        Network.Flowing(this);
    }

    /// <summary>Moves on as far as time and cuts allow.</summary>
    public void Pump()
    {
        if (from.Peer is not { } to || _pumping || _underWay.Count == 0)
            return;
        if (Network.IsCut(from.Process.Host, to.Process.Host))
        {
            Stall(to);
            return;
        }

        _stalledSince = null;
        Network.Flowing(this);
        _pumping = true;
        var wait = _underWay.Peek().ReadyAt - World.Now;
        World.After(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, () =>
        {
            _pumping = false;
            if (_underWay.Count == 0)
                return;
            if (!Network.IsCut(from.Process.Host, to.Process.Host))
                Arrive(to, _underWay.Dequeue().Frame);
            Pump();
        });
    }

    private void Add(byte[]? frame, NetworkConditions conditions)
    {
        var readyAt = World.Now + Network.Chance.Between(conditions.DelayMin, conditions.DelayMax);
        _lastReadyAt = readyAt > _lastReadyAt ? readyAt : _lastReadyAt;
        _underWay.Enqueue((frame, _lastReadyAt));
        Pump();
    }

    private void Arrive(SimulatedLink to, byte[]? frame)
    {
        if (frame is null)
        {
            to.CloseFromOutside("closed by the peer");
        }
        else if (to.IsClosed)
        {
            // Its kernel has no such connection any more and says so.
            _underWay.Clear();
            if (!Network.IsCut(to.Process.Host, from.Process.Host))
                from.CloseFromOutside("reset by the peer");
        }
        else
        {
            Network.FramesDelivered++;
            to.Process.Fact($"net.deliver {to.Key} {frame.Length}");
            to.Deliver(frame);
        }
    }

    private void Stall(SimulatedLink to)
    {
        if (_stalledSince is not null)
            return;
        var since = World.Now;
        _stalledSince = since;
        Network.Stalled(this);
        World.After(Network.Conditions(from.Process.Host, to.Process.Host).GivesUpAfter, () =>
        {
            if (_stalledSince != since)
                return;
            _underWay.Clear();
            Network.Flowing(this);
            from.CloseFromOutside("timed out: nothing sent is acknowledged");
        });
    }

    private void Break(string reason)
    {
        from.Process.Fact($"net.breaks {from.Key}");
        _underWay.Clear();
        from.CloseFromOutside(reason);
        if (from.Peer is { } to)
            World.After(TimeSpan.FromMilliseconds(1), () => to.CloseFromOutside(reason));
    }
}
