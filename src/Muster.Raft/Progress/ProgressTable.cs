using Muster.Primitives;

namespace Muster.Raft;

/// <summary>Every member's progress, in ascending order of member.</summary>
internal sealed class ProgressTable(RaftOptions options)
{
    private MemberProgress[] _members = [];

    public Configuration Configuration { get; private set; } = Configuration.Empty;

    public ReadOnlySpan<MemberProgress> Members => _members;

    public MemberProgress? Find(MemberId member)
    {
        foreach (var progress in _members)
            if (progress.Member == member)
                return progress;
        return null;
    }

    /// <summary>Takes a configuration over: new members start at the log's end, as if just heard from; others keep what is known.</summary>
    public void Adopt(Configuration configuration, LogIndex last)
    {
        var everyone = configuration.Everyone;
        var members = new MemberProgress[everyone.Count];
        for (var i = 0; i < members.Length; i++)
        {
            members[i] = Find(everyone[i]) ?? Fresh(everyone[i], last);
            members[i].IsLearner = configuration.Learners.Contains(everyone[i]);
        }

        Configuration = configuration;
        _members = members;
    }

    /// <summary>Forgets everything known of the members, as at the beginning of a term.</summary>
    public void Reset(MemberId self, LogIndex last)
    {
        for (var i = 0; i < _members.Length; i++)
        {
            var before = _members[i];
            _members[i] = new(before.Member, last.Next(), NewWindow()) { IsLearner = before.IsLearner };
            if (before.Member == self)
                _members[i].Acknowledge(last);
        }
    }

    /// <summary>The last slot that a quorum holds durably.</summary>
    public LogIndex Committed() => Configuration.Quorum.Committed(new Matches(this));

    /// <summary>Whether a quorum was heard from since this was last asked; forgets who was.</summary>
    public bool TakeQuorumActive(MemberId self)
    {
        var verdict = Configuration.Quorum.Verdict(new Active(this, self));
        foreach (var progress in _members)
            progress.WasActive = progress.Member == self;
        return verdict == QuorumVerdict.Won;
    }

    /// <summary>Whether a quorum, this member included, has answered a round of heartbeats.</summary>
    public bool RoundAnswered(MemberId self, long round) =>
        Configuration.Quorum.Verdict(new Answered(this, self, round)) == QuorumVerdict.Won;

    /// <summary>Whether a quorum, this member included, has answered a heartbeat sent at or after an instant.</summary>
    public bool HeartbeatAnsweredSince(MemberId self, Instant since) =>
        Configuration.Quorum.Verdict(new AnsweredSince(this, self, since)) == QuorumVerdict.Won;

    private MemberProgress Fresh(MemberId member, LogIndex last) =>
        new(member, LogIndex.Max(last, new(1)), NewWindow()) { WasActive = true };

    private InflightWindow NewWindow() => new(options.Limits.InflightMessagesMax, options.Limits.InflightBytesMax);

    private readonly struct Matches(ProgressTable table) : IAcknowledgements
    {
        public LogIndex Of(MemberId voter) => table.Find(voter)?.Match ?? LogIndex.None;
    }

    private readonly struct Active(ProgressTable table, MemberId self) : IBallots
    {
        public bool? Of(MemberId voter) => voter == self || table.Find(voter) is { WasActive: true };
    }

    private readonly struct Answered(ProgressTable table, MemberId self, long round) : IBallots
    {
        public bool? Of(MemberId voter) => voter == self || table.Find(voter)?.RoundAnswered >= round;
    }

    private readonly struct AnsweredSince(ProgressTable table, MemberId self, Instant since) : IBallots
    {
        public bool? Of(MemberId voter) => voter == self || table.Find(voter)?.HeartbeatAnswered >= since;
    }
}
