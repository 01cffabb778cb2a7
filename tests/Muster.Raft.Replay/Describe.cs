using System.Text;

namespace Muster.Raft.Replay;

/// <summary>Facts in the files' line shapes.</summary>
internal static class Describe
{
    public static string Role(Role role) => "State" + role;

    public static string Hard(HardState hard) =>
        $"Term:{hard.Term}{(hard.Vote.IsSome ? $" Vote:{hard.Vote}" : "")} Commit:{hard.Committed}";

    public static string Entry(LogEntry entry) => $"{entry.Position} " + Payload(entry.Data, entry.Change);

    public static string Payload(ReadOnlyMemory<byte> data, ConfigurationChange? change)
    {
        if (change is null)
            return $"EntryNormal \"{Encoding.UTF8.GetString(data.Span).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        var kind = change.Context.Length > 0 ? "EntryConfChange" : "EntryConfChangeV2";
        return change.Changes.Length == 0 ? kind : $"{kind} {string.Join(' ', change.Changes)}";
    }

    public static string Snapshot(Snapshot snapshot)
    {
        var c = snapshot.Configuration;
        return $"Index:{snapshot.Position.Index} Term:{snapshot.Position.Term} ConfState:Voters:{List(c.Voters)}"
            + $" VotersOutgoing:{List(c.Outgoing)} Learners:{List(c.Learners)} LearnersNext:{List(c.LearnersNext)}"
            + $" AutoLeave:{(c.LeaveAutomatically ? "true" : "false")}";
    }

    public static string Entries(IReadOnlyList<string> entries, string indent) => entries.Count switch
    {
        0 => "",
        1 => $" Entries:[{entries[0]}]",
        _ => $" Entries:[{string.Concat(entries.Select(entry => $"\n{indent}  {entry}"))}\n{indent}]",
    };

    public static string Letter(Message message, string indent = "")
    {
        string Text(string kind, LogPosition at = default, string rest = "") =>
            $"{indent}{message.From}->{message.To} Msg{kind} Term:{message.Term} Log:{at}{rest}";
        string Refused(bool refused, LogIndex hint = default) => refused ? $" Rejected (Hint: {hint})" : "";
        string Commit(LogIndex index) => index == LogIndex.None ? "" : $" Commit:{index}";
        return message switch
        {
            Message.VoteRequest m => Text(m.IsPreVote ? "PreVote" : "Vote", m.Last),
            Message.VoteResponse m => Text(m.IsPreVote ? "PreVoteResp" : "VoteResp", default, Refused(!m.Granted)),
            Message.Append m => Text("App", m.Previous, Commit(m.Committed) + Entries([.. m.Entries.Select(Entry)], indent)),
            Message.AppendResponse m => Text("AppResp", new(m.Hint.Term, m.Index), Refused(m.Refused, m.Hint.Index)),
            Message.Heartbeat m => Text("Heartbeat", default, Commit(m.Committed)),
            Message.HeartbeatResponse => Text("HeartbeatResp"),
            Message.InstallSnapshot m => Text("Snap", default, $"\n{indent}  Snapshot: {Snapshot(m.Snapshot)}"),
            Message.TimeoutNow => Text("TimeoutNow"),
            Message.Forward m => Text("Prop", default, Entries([.. m.Proposals.Select(p => "0/0 " + Payload(p.Data, p.Change))], indent)),
            Message.TransferRequest m => $"{indent}{m.Target}->{m.To} MsgTransferLeader Term:0 Log:0/0",
            _ => Text(message.GetType().Name),
        };
    }

    public static string Progress(ProgressTable members)
    {
        var text = new StringBuilder();
        foreach (var member in members.Members)
        {
            text.Append($"{member.Member}: State{member.Phase} match={member.Match} next={member.Next}");
            if (member.IsLearner)
                text.Append(" learner");
            if (member.IsPaused)
                text.Append(" paused");
            if (member.PendingSnapshot > LogIndex.None)
                text.Append($" pendingSnap={member.PendingSnapshot}");
            if (!member.WasActive)
                text.Append(" inactive");
            if (member.Window.Count > 0)
                text.Append($" inflight={member.Window.Count}{(member.Window.IsFull ? "[full]" : "")}");
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string List(MemberSet members) => $"[{string.Join(' ', members)}]";
}
