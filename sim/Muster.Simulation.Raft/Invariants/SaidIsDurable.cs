using Muster.Raft;

namespace Muster.Simulation.Raft.Invariants;

/// <summary>A vote or an acknowledgement is never sent before what it promises would survive a crash.</summary>
internal sealed class SaidIsDurable : IRaftInvariant
{
    public void BeforeSend(SimulatedMember member, RaftCore core, Message message, Decided decided)
    {
        switch (message)
        {
            case Message.VoteResponse { IsPreVote: false, Granted: true } vote:
                var hard = member.Disk.Hard;
                Law.Require(
                    hard.Term > vote.Term || (hard.Term == vote.Term && hard.Vote == vote.To), this,
                    () => $"{member.Id} votes for {vote.To} in term {vote.Term}, but its disk says {hard}");
                break;
            case Message.AppendResponse { Refused: false } response when response.Index > LogIndex.None:
                Law.Require(
                    member.Disk.Hard.Term >= response.Term, this,
                    () => $"{member.Id} answers in term {response.Term}, but its disk says {member.Disk.Hard}");
                if (core.Term == response.Term && core.TermAt(response.Index) is { } term)
                    Law.Require(
                        member.Disk.Holds(new(term, response.Index)), this,
                        () => $"{member.Id} acknowledges up to {response.Index} in term {response.Term}, but its disk ends at {member.Disk.Last}");
                break;
        }
    }
}
