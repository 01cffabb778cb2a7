using Muster.Primitives;
using Muster.Raft;

namespace Muster.Simulation.Raft;

/// <summary>What becomes of messages: rates that hold for a whole run, and pairs that are cut for a while.</summary>
internal sealed class Links(SeededRandom chance)
{
    private readonly HashSet<(MemberId From, MemberId To)> _cut = [];
    private readonly Dictionary<(MemberId From, MemberId To), long> _clogged = [];

    /// <summary>Share of messages lost, in [0, 1].</summary>
    public double Loss { get; set; }

    /// <summary>Share of messages delivered twice, in [0, 1].</summary>
    public double Duplication { get; set; }

    /// <summary>Share of messages that take up to a second, in [0, 1].</summary>
    public double Straggling { get; set; }

    /// <summary>Share of votes that take up to a third of a second: some come when their candidate has died and stands again.</summary>
    public double LingeringVotes { get; set; }

    /// <summary>Typical time on the way, in microseconds.</summary>
    public int DelayMicroseconds { get; set; } = 1000;

    public bool IsCut(MemberId from, MemberId to) => _cut.Count > 0 && _cut.Contains((from, to));

    public void Cut(MemberId from, MemberId to) => _cut.Add((from, to));

    public void Mend() => _cut.Clear();

    public void Clog(MemberId from, MemberId to, long until) => _clogged[(from, to)] = until;

    public void Heal()
    {
        _cut.Clear();
        _clogged.Clear();
        Loss = Duplication = Straggling = LingeringVotes = 0;
        DelayMicroseconds = 1000;
    }

    public bool IsLost() => Loss > 0 && chance.Chance(Loss);

    public bool IsDuplicated() => Duplication > 0 && chance.Chance(Duplication);

    /// <summary>When a message sent now arrives. Independent draws reorder.</summary>
    public long ArrivalOf(Message message, long now)
    {
        var (from, to) = (message.From, message.To);
        long delay = DelayMicroseconds / 4 + chance.Next(DelayMicroseconds * 2);
        if (Straggling > 0 && chance.Chance(Straggling))
            delay += chance.Next(1_000_000);
        if (LingeringVotes > 0 && message is Message.VoteResponse && chance.Chance(LingeringVotes))
            delay += chance.Next(300_000);
        if (_clogged.Count > 0 && _clogged.TryGetValue((from, to), out var until) && until > now)
            return until + delay;
        return now + delay;
    }
}
