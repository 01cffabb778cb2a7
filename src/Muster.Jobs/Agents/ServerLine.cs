using Muster.Primitives;

namespace Muster.Jobs.Agents;

/// <summary>An agent's line to whichever server leads: it calls one after the other, and the one it is sent to first.</summary>
internal sealed class ServerLine(AgentIdentity agent, AgentLimits limits)
{
    private int _next;
    private string? _hint;
    private TimeSpan _pause = limits.ReconnectMin;
    private Instant? _callAt;
    private Instant _heard;

    public bool IsOpen { get; private set; }

    /// <summary>Whether the server has said that it leads.</summary>
    public bool IsWelcome { get; private set; }

    public void Begin(Instant now, List<AgentEffect> effects)
    {
        (_callAt, _heard) = (null, now);
        effects.Add(new AgentEffect.CallServer(_hint ?? agent.Servers[_next]));
        if (_hint is null)
            _next = (_next + 1) % agent.Servers.Length;
        _hint = null;
    }

    public void Connected(Instant now, List<AgentEffect> effects)
    {
        (IsOpen, _heard) = (true, now);
        effects.Add(new AgentEffect.TellServer(new AgentMessage.Hello(AgentProtocol.Version, agent.Node, agent.Incarnation)));
    }

    public void Closed(Instant now, List<AgentEffect> effects)
    {
        (IsOpen, IsWelcome) = (false, false);
        _callAt = now + _pause;
        effects.Add(new AgentEffect.WakeAfter(_pause));
        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, limits.ReconnectMax.Ticks));
    }

    public void Heard(Instant now) => _heard = now;

    public void Welcomed() => (IsWelcome, _pause) = (true, limits.ReconnectMin);

    public void SentElsewhere(string? leader) => _hint = leader;

    public void Tick(Instant now, List<AgentEffect> effects)
    {
        if (_callAt is { } callAt && now >= callAt)
            Begin(now, effects);
        else if (_callAt is null && now - _heard > limits.ServerSilence)
        {
            _heard = now;
            effects.Add(new AgentEffect.HangUpServer());
        }
    }
}
