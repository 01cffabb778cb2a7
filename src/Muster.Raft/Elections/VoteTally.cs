namespace Muster.Raft;

/// <summary>Who said what in the election under way. The first word of each counts.</summary>
internal sealed class VoteTally : IBallots
{
    private readonly List<(MemberId Voter, bool Granted)> _ballots = [];

    public void Clear() => _ballots.Clear();

    public void Record(MemberId voter, bool granted)
    {
        if (Of(voter) is null)
            _ballots.Add((voter, granted));
    }

    public bool? Of(MemberId voter)
    {
        foreach (var ballot in _ballots)
            if (ballot.Voter == voter)
                return ballot.Granted;
        return null;
    }
}
